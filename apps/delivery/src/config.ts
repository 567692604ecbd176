import { commonEnvironment, defineEnvironment } from '@schoolbell/service-kit';

export const environment = defineEnvironment(commonEnvironment('delivery'));
export type Env = ReturnType<typeof environment.parse>;
