import { describe, expect, it } from 'vitest';
import type {
  LinkValue,
  NameChange,
  NameJournal,
  WaitingBytes,
  WrittenChange,
} from '../../../src/application/ports/metadata/name-journal.js';
import type { LinkStore, WrittenLink } from '../../../src/application/ports/storage/link-store.js';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import { NamePublisher } from '../../../src/application/services/name-publisher.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import type { LinkedName } from '../../../src/domain/repository/linked-name.js';
import { TagName } from '../../../src/domain/tag/tag-name.js';
import { QUIET_CONTEXT } from '../../support/application-under-test.js';
import { ManualClock } from '../../support/fakes.js';

const repository = RepositoryName.parse('a');
const digest = (text: string) => Digest.of('sha256', Buffer.from(text));
const ROWS = { repositoryId: 1, contentId: 1 };
const tagOf = (tag: string): LinkedName => ({ kind: 'tag', repository, tag: TagName.parse(tag) });
const change = (id: number, target = 'one'): NameChange => ({
  id,
  name: tagOf('v1'),
  given: { target: digest(target) },
  rows: ROWS,
});
const layer = (id: number, waiting?: WaitingBytes): NameChange => ({
  id,
  name: { kind: 'layer', repository, digest: digest('one') },
  given: { target: digest('one') },
  rows: ROWS,
  ...(waiting && { waiting }),
});

/** A database and a storage in which a test can stop, fail and see everything. */
class World implements NameJournal, LinkStore {
  readonly events: string[] = [];
  /** The names of each call. */
  readonly writes: string[][] = [];
  readonly clock = new ManualClock();
  current: Digest | undefined = digest('one');
  readonly #durable = new Set<string | undefined>();
  link: Digest | undefined;
  bytes: WaitingBytes | undefined;
  written: Pick<WrittenLink, 'bytes' | 'durably'> = {};
  faults = 0;
  flushFaults = 0;
  barrierFault: Error | undefined;
  /** Runs between a barrier and what follows it. */
  afterBarrier: () => void = () => undefined;
  /** Runs while a link is being written. */
  meanwhile: () => void = () => undefined;
  readonly names = new NamePublisher(
    this,
    this,
    { wait: () => this.#pass() },
    { noteFlush: async (highest) => void this.events.push(`note ${highest}`) },
    this.clock,
    QUIET_CONTEXT.logger,
  );

  async value(): Promise<LinkValue | undefined> {
    return this.current && { target: this.current };
  }
  async stands({ given }: NameChange): Promise<boolean> {
    return this.current?.toString() === given?.target.toString();
  }
  async has(): Promise<boolean> {
    return this.current !== undefined;
  }
  async isPending(): Promise<boolean> {
    return true;
  }
  async waiting(): Promise<WaitingBytes | undefined> {
    return this.bytes;
  }
  async forget(changes: readonly WrittenChange[]): Promise<void> {
    const rows = changes.map(({ id, placed }) =>
      placed === undefined ? id : `${id} with bytes of ${placed}`,
    );
    this.events.push(`forget ${rows.join(' ')}`);
  }
  async abandoned(): Promise<readonly never[]> {
    return [];
  }
  async read(): Promise<Digest | undefined> {
    return this.link;
  }
  async write(links: readonly WrittenLink[]): Promise<void> {
    this.writes.push(links.map(({ name }) => (name.kind === 'tag' ? name.tag.toString() : name.kind)));
    for (const { value, bytes, durably = false } of links) {
      this.events.push('write');
      if (!this.#durable.has(value?.target.toString())) this.events.push('a power loss can take it back');
      await Promise.resolve();
      if (this.faults-- > 0) throw new StorageFault('full', 'the disk is full');
      this.link = value?.target;
      this.written = { bytes, durably };
      this.meanwhile();
    }
  }
  async flush(links: readonly WrittenLink[]): Promise<void> {
    this.events.push(`flush ${links.length}`);
    if (this.flushFaults-- > 0) throw new StorageFault('broken', 'the disk is broken');
  }

  async #pass(): Promise<void> {
    this.events.push('barrier');
    const { current } = this;
    await Promise.resolve();
    if (this.barrierFault !== undefined) throw this.barrierFault;
    this.#durable.add(current?.toString());
    this.afterBarrier();
  }
}

describe('publishing names', () => {
  it('writes the link once the change is durable, and forgets the row once the link is', async () => {
    const world = new World();
    await world.names.publish([change(7)]);
    expect(world.events).toEqual(['barrier', 'write']);
    await world.names.flush();
    expect(world.events).toEqual(['barrier', 'write', 'flush 1', 'forget 7', 'note 7']);
    expect(world.names.pending).toBe(0);
  });

  it('writes waiting bytes with the link of a layer, and lets go of them once they are durable', async () => {
    const world = new World();
    world.bytes = { contentId: 3, bytes: Buffer.from('one') };
    await world.names.publish([layer(7)]);
    // It may have been made durable by others, or its sync may have failed.
    expect(world.written).toEqual({ bytes: Buffer.from('one'), durably: true });
    await world.names.publish([layer(7, { contentId: 4, bytes: Buffer.from('two') })]);
    expect(world.written).toEqual({ bytes: Buffer.from('two'), durably: false });
    world.flushFaults = 1;
    await world.names.flush();
    expect(world.events.filter((event) => event.startsWith('forget'))).toEqual([]);
    world.clock.advance(1_000);
    await world.names.flush();
    expect(world.written.durably).toBe(true);
    expect(world.events).toContain('forget 7 with bytes of 3 7 with bytes of 3');
  });

  it('is asked to bring no more bytes while the storage refuses some', async () => {
    const world = new World();
    world.faults = 1;
    await world.names.publish([change(1)]);
    expect(world.names.isRefused).toBe(true);
    world.clock.advance(1_000);
    await world.names.flush();
    expect(world.names.isRefused).toBe(false);
  });

  it('waits for the barrier even when nothing has changed', async () => {
    const world = new World();
    await world.names.publish([]);
    expect(world.events).toEqual(['barrier']);
  });

  it('writes no link of a change of which nobody knows whether it is durable', async () => {
    const world = new World();
    world.barrierFault = new Error('no sync');
    await expect(world.names.publish([change(1)])).rejects.toThrow('no sync');
    expect(world.events).toEqual(['barrier']);
  });

  it('takes back the link of a layer that was pushed and is gone before it is written', async () => {
    const world = new World();
    world.afterBarrier = () => {
      world.current = undefined;
    };
    await world.names.publish([layer(7, { contentId: 4, bytes: Buffer.from('one') })]);
    expect(world.link).toBeUndefined();
    expect(world.events).toEqual(['barrier', 'write', 'barrier', 'write']);
  });

  it('writes them one after the other where one of them has changed since', async () => {
    const world = new World();
    await world.names.publish([change(1, 'two'), { ...change(2), name: tagOf('v2') }]);
    expect(world.writes).toEqual([['v1'], ['v2']]);
    expect(world.link?.equals(digest('one'))).toBe(true);
  });

  it('does not write what was taken away before: after a kill nobody could tell whose it is', async () => {
    const world = new World();
    world.afterBarrier = () => {
      world.current = undefined;
    };
    await world.names.publish([change(7)]);
    expect(world.link).toBeUndefined();
    expect(world.events).toEqual(['barrier', 'barrier', 'write']);
  });

  it('writes again when another process has changed the name meanwhile', async () => {
    const world = new World();
    world.meanwhile = () => {
      world.current = digest('two');
      world.meanwhile = () => undefined;
    };
    await world.names.publish([change(1)]);
    expect(world.link?.equals(digest('two'))).toBe(true);
    expect(world.events).toEqual(['barrier', 'write', 'barrier', 'write']);
  });

  it('never writes what a power loss could take back: another may have changed the name again', async () => {
    const world = new World();
    world.afterBarrier = () => {
      world.current = digest('two');
      world.afterBarrier = () => undefined;
    };
    await world.names.publish([change(1)]);
    expect(world.link?.equals(digest('two'))).toBe(true);
    world.faults = 1;
    world.afterBarrier = () => {
      world.current = digest('three');
    };
    await world.names.publish([change(2, 'two')]);
    world.clock.advance(1_000);
    await world.names.flush();
    expect(world.link?.equals(digest('three'))).toBe(true);
    expect(world.events).not.toContain('a power loss can take it back');
  });

  it('writes the names of a transaction in their order and at once, and none when one can not be', async () => {
    const world = new World();
    const pushed = [layer(1), { ...change(2), name: tagOf('v1') }, { ...change(3), name: tagOf('v2') }];
    await world.names.publish(pushed);
    expect(world.writes).toEqual([['layer', 'v1', 'v2']]);
    world.faults = 1;
    await world.names.publish(pushed);
    expect(world.names.pending).toBe(6);
    await world.names.flush();
    expect(world.events).toContain('forget 1 2 3');
    expect(world.names.pending).toBe(3);
  });

  it('ends with the newest of many values that are written at once', async () => {
    const world = new World();
    const writes = Array.from({ length: 20 }, async (_, at) => {
      world.current = digest(String(at));
      await world.names.publish([change(at, String(at))]);
    });
    await Promise.all(writes);
    expect(world.link?.equals(digest('19'))).toBe(true);
  });

  it('lets the change stand when the link can not be written, and writes it later', async () => {
    const world = new World();
    world.faults = 2;
    await world.names.publish([change(1)]);
    expect(world.names.pending).toBe(1);
    await world.names.flush();
    expect(world.events.filter((event) => event.startsWith('forget'))).toEqual([]);
    world.clock.advance(1_000);
    await world.names.flush();
    world.clock.advance(2_000);
    await world.names.flush();
    expect(world.link?.equals(digest('one'))).toBe(true);
    expect(world.events.slice(-2)).toEqual(['forget 1', 'note 1']);
    expect(world.names.pending).toBe(0);
  });

  it('does not try again before its time', async () => {
    const world = new World();
    world.faults = 1;
    await world.names.publish([change(1)]);
    world.clock.advance(999);
    await world.names.flush();
    expect(world.events.filter((event) => event === 'write')).toHaveLength(1);
  });

  it('writes links again whose flush failed: a second sync would say nothing of what the first has lost', async () => {
    const world = new World();
    await world.names.publish([change(1), change(2)]);
    world.flushFaults = 1;
    await world.names.flush();
    expect(world.names.pending).toBe(2);
    world.clock.advance(1_000);
    await world.names.flush();
    const again = ['barrier', 'write', 'barrier', 'write', 'flush 2', 'forget 1 2', 'note 2'];
    expect(world.events.slice(-again.length)).toEqual(again);
  });
});
