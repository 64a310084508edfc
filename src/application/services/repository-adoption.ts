/** Takes what the tree has of one repository into the database. */
export interface RepositoryAdoption {
  /**
   * Everything that is whole in the tree is known to the database afterwards, and each tag points where the tree says.
   * Nothing is deleted.
   * @param repository a name as the tree has it
   */
  execute(repository: string, signal: AbortSignal): Promise<void>;
}
