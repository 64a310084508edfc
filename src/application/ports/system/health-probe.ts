/** Something that the health of the registry depends on. */
export interface HealthProbe {
  /** How it is known in `/debug/health`. It holds no credential. */
  readonly name: string;
  /**
   * One look. Resolves when all is well; rejects with what is wrong, in words that whoever reaches the debug address may
   * read. May stay open for as long as what it looks at does not answer.
   * @param signal ends it early, where that is possible
   */
  look(signal: AbortSignal): Promise<void>;
}
