import type { NamedDifference } from './index-difference.js';

/** One side that can be made to say what the other says. */
export interface NameRepair {
  /**
   * Makes the side say the same of this name, by what both say at this moment.
   * @returns why it could not be, as the end of a sentence; undefined when it is done
   */
  settle(difference: NamedDifference): Promise<string | undefined>;

  /** Deletes the name from the side. @returns as above */
  remove(difference: NamedDifference): Promise<string | undefined>;

  /** What was done survives a power loss. @throws when it can not be made to */
  flush(): Promise<void>;
}
