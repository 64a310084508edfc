import { Unavailable } from '../../domain/errors.js';
import type { RepositoryName } from '../../domain/repository/repository-name.js';
import { UploadOutOfOrder, UploadUnknown } from '../../domain/upload/upload-errors.js';
import type { UploadId } from '../../domain/upload/upload-id.js';
import type { LeaseOutcome, LeaseToken, UploadSessions } from '../ports/metadata/upload-sessions.js';
import type { UploadStore } from '../ports/storage/upload-store.js';
import type { ChunkMemory } from '../ports/system/chunk-memory.js';
import type { Clock } from '../ports/system/clock.js';
import type { Random } from '../ports/system/random.js';
import { BatchBudget } from './batch-budget.js';
import { HeldUpload } from './held-upload.js';
import type { RunningDigests } from './running-digests.js';

/** A holder that has received nothing for so long (ms) has a dead connection, and gives way to a new writer. */
const IDLE = 5_000;
const HEARTBEAT = 1_000;
const RETRY = 50;

/**
 * Lets one request at a time write to a session. A client that reconnects finds its old, half-open request holding
 * the lease: in this process that request is cut, in another one its lease runs out and is broken.
 */
export class UploadLeases {
  readonly #sessions: UploadSessions;
  readonly #uploads: UploadStore;
  readonly #digests: RunningDigests;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #memory: ChunkMemory;
  readonly #batches = new BatchBudget();
  readonly #held = new Map<string, HeldUpload>();

  constructor(
    sessions: UploadSessions,
    uploads: UploadStore,
    digests: RunningDigests,
    clock: Clock,
    random: Random,
    memory: ChunkMemory,
  ) {
    this.#sessions = sessions;
    this.#uploads = uploads;
    this.#digests = digests;
    this.#clock = clock;
    this.#random = random;
    this.#memory = memory;
  }

  /** Sessions that a request of this process is writing to. */
  get writing(): number {
    return this.#held.size;
  }

  /**
   * Runs `work` under the session's lease and records the offset it ends with, also when it throws; `work` says with
   * `closed` that the session has ended and there is nothing to record.
   * @throws UploadUnknown; UploadOutOfOrder when another writer is alive, or took over meanwhile
   */
  async hold<T>(
    repository: RepositoryName,
    id: UploadId,
    work: (held: HeldUpload, closed: () => void) => Promise<T>,
  ): Promise<T> {
    const token = this.#random.token();
    const held = await this.#acquire(repository, id, token);
    const key = id.toString();
    this.#held.set(key, held);
    const stopHeartbeat = this.#clock.every(HEARTBEAT, () => void this.#beat(held, token));
    let open = true;
    let kept = true;
    let result: T;
    try {
      result = await work(held, () => {
        open = false;
      });
    } finally {
      stopHeartbeat();
      try {
        if (open) kept = await this.#release(held, token);
      } finally {
        this.#held.delete(key);
      }
    }
    if (!kept) throw new UploadOutOfOrder(held.session, 'another request has taken the session over');
    return result;
  }

  /** Resolves when every request of this process that lost its body has recorded how much of it is kept. */
  async untilRecorded(id: UploadId): Promise<void> {
    const deadline = this.#clock.now() + IDLE;
    while (this.#held.get(id.toString())?.wasCut === true && this.#clock.now() < deadline) {
      await this.#clock.sleep(RETRY);
    }
  }

  async #acquire(repository: RepositoryName, id: UploadId, token: LeaseToken): Promise<HeldUpload> {
    const deadline = this.#clock.now() + IDLE;
    for (;;) {
      const holder = this.#held.get(id.toString());
      if (holder?.idleFor(IDLE) === true) holder.cut();
      // A holder that was cut records what it has and gives the lease back; only if it can not is the lease broken.
      const leaving = holder?.wasCut === true && this.#clock.now() < deadline;
      const held = leaving ? undefined : await this.#attempt(repository, id, token, deadline);
      if (held !== undefined) return held;
      await this.#clock.sleep(RETRY);
    }
  }

  async #attempt(
    repository: RepositoryName,
    id: UploadId,
    token: LeaseToken,
    deadline: number,
  ): Promise<HeldUpload | undefined> {
    const now = this.#clock.now();
    const outcome = await this.#sessions.acquire(repository, id, { token, now, until: now + IDLE });
    if (outcome.kind === 'unknown') throw new UploadUnknown(id.toString());
    if (outcome.kind === 'acquired') return this.#hold(outcome);
    if (now >= deadline)
      throw new UploadOutOfOrder(outcome.session, 'another request is writing to the session');
    return undefined;
  }

  async #hold(outcome: LeaseOutcome & { kind: 'acquired' }): Promise<HeldUpload> {
    const { session, broken } = outcome;
    if (broken !== undefined && session.offset > 0) {
      const from = { repository: session.repository, id: session.id, fence: broken };
      const copied = await this.#uploads.copy(from, session.fence, session.offset);
      if (!copied) throw new UploadUnknown(session.id.toString());
    }
    return new HeldUpload(session, this.#uploads, this.#digests, this.#batches, this.#clock, this.#memory);
  }

  async #beat(held: HeldUpload, token: LeaseToken): Promise<void> {
    if (held.idleFor(IDLE)) return;
    try {
      const kept = await this.#sessions.renew(held.session.id, token, this.#clock.now() + IDLE);
      if (!kept) held.lose();
    } catch (error) {
      // A busy database is asked again by the next beat, while the lease runs on.
      if (!(error instanceof Unavailable)) held.lose();
    }
  }

  /** What can not be cut off keeps the lease until it runs out: whoever breaks it copies no more than what counts. */
  async #release(held: HeldUpload, token: LeaseToken): Promise<boolean> {
    await held.cutExcess();
    const { session, offset } = held;
    const kept = await this.#sessions.release(session.id, token, offset, this.#clock.now());
    if (kept) held.keepHash();
    else held.dropHash();
    return kept;
  }
}
