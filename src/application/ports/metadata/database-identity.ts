/** What tells one metadata database from others, and from what it was before. */
export interface DatabaseIdentity {
  /** 32 hex digits. A copy of the database keeps it. */
  readonly id: string;

  /** The number of the last change of a name that was ever noted; 0 before the first. A restored backup has a lower one. */
  lastChange(): number;
}
