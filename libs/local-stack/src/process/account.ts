/** A numeric account a process runs under. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}
