/** Why somebody looks: because it is time, or because a token names a key that is not known. */
export type Occasion = 'time' | 'unknown key';

/** Where keys come from, and what came from there last. */
export interface KeySource<T> {
  /** Stays the same object until it is read anew. Undefined: nothing came yet. */
  readonly value: T | undefined;
  /**
   * Looks anew when it is due. What is wrong is logged, and what was there stays in force.
   * @returns undefined when there is nothing to wait for
   */
  look(occasion: Occasion): Promise<void> | undefined;
}
