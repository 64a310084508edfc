/** What the storage's folder allows. */
export interface TreeAccess {
  /** Why nothing can be written there; undefined when it can. */
  readonly readOnly: NodeJS.ErrnoException | undefined;
}
