import type { RecordedCall } from './recorded-calls.js';

type Sync = Extract<RecordedCall, { kind: 'sync-begins' | 'sync-ends' }>;
type Change = Exclude<RecordedCall, Sync | { kind: 'append' }>;

/** A file of which only what was synced is sure to survive; of the rest any part may. */
export class VolatileFile {
  #durable: Buffer;
  #pending: Change[] = [];
  readonly #covered = new Map<string, readonly Change[]>();

  constructor(content: Buffer) {
    this.#durable = content;
  }

  play(call: Change | Sync): void {
    if (call.kind === 'sync-begins') this.#covered.set(call.thread, [...this.#pending]);
    else if (call.kind === 'sync-ends') this.#endSync(call.thread);
    else this.#pending.push(call);
  }

  /** The file after a power loss that kept those unsynced changes for which `keeps` says so. */
  afterPowerLoss(keeps: () => boolean): Buffer {
    return apply(this.#durable, this.#pending.filter(keeps));
  }

  #endSync(thread: string): void {
    const covered = new Set(this.#covered.get(thread));
    this.#covered.delete(thread);
    this.#durable = apply(
      this.#durable,
      this.#pending.filter((change) => covered.has(change)),
    );
    this.#pending = this.#pending.filter((change) => !covered.has(change));
  }
}

function apply(content: Buffer, changes: readonly Change[]): Buffer {
  let result = Buffer.from(content);
  for (const change of changes) {
    const end = change.kind === 'write' ? change.offset + change.data.length : change.size;
    if (end > result.length) result = Buffer.concat([result, Buffer.alloc(end - result.length)]);
    if (change.kind === 'write') change.data.copy(result, change.offset);
    else result = result.subarray(0, change.size);
  }
  return result;
}
