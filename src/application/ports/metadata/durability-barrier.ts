/** What stands between a commit and its acknowledgement. */
export interface DurabilityBarrier {
  /**
   * When it resolves, everything this process had committed or read from the database before the call survives a
   * power loss. Shared by all who wait (group commit). Rejects with Unavailable when that can not be known: the write
   * may or may not be kept, and the process ends itself.
   */
  wait(): Promise<void>;
}
