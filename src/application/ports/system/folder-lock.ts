/** Who may use the registry's folder at the same time. What is held ends with the process, however that ends. */
export interface FolderLock {
  /**
   * Holds the folder, `shared` with other processes or `alone`.
   * @param reason why it has to be alone, as the end of a sentence
   * @throws FolderInUse when another process stands against it; nothing is altered then
   */
  acquire(how: 'shared' | 'alone', reason?: string): void;

  release(): void;
}
