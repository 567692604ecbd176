/** Told once per long step, a short phrase without a full stop: `downloading nats-server`. */
export type Progress = (step: string) => void;

export const silent: Progress = () => undefined;
