/** What a figure has to reach. */
export type Target = { readonly atLeast: number } | { readonly atMost: number } | { readonly below: number };

/** One measured number. */
export interface Figure {
  /** Constant name for machines: `ingest.alone.ratio`. */
  readonly name: string;
  /** What it is, for people. */
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  /** Digits after the point in print. */
  readonly digits?: number;
  /** Absent: told for information. */
  readonly target?: Target;
}

export function reaches({ value, target }: Figure): boolean {
  if (target === undefined) return true;
  if ('atLeast' in target) return value >= target.atLeast;
  return 'atMost' in target ? value <= target.atMost : value < target.below;
}

export function targetText(target: Target | undefined): string {
  if (target === undefined) return '';
  if ('atLeast' in target) return `>= ${target.atLeast}`;
  return 'atMost' in target ? `<= ${target.atMost}` : `< ${target.below}`;
}
