/** The registry's folder is used by another process in a way that does not allow this one; the message names it. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}
