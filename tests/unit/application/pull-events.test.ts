import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredManifest } from '../../../src/application/ports/metadata/manifest-index.js';
import { EventAnnouncer } from '../../../src/application/services/event-announcer.js';
import { EventSubscriptions } from '../../../src/application/services/event-subscriptions.js';
import { PullEvents } from '../../../src/application/services/pull-events.js';
import { Blob } from '../../../src/domain/content/blob.js';
import { Digest } from '../../../src/domain/content/digest.js';
import type { RegistryEvent } from '../../../src/domain/events/registry-event.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { TagName } from '../../../src/domain/tag/tag-name.js';
import { SystemRandom } from '../../../src/infrastructure/system/system-random.js';
import { QUIET_CONTEXT } from '../../support/application-under-test.js';
import { endpointSettings, notificationSettings } from '../../support/event-endpoint.js';
import { ManualClock } from '../../support/fakes.js';

const REPOSITORY = RepositoryName.parse('app');
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const bytes = Buffer.from(
  JSON.stringify({ config: { mediaType: 'a/b', digest: 'sha256:0', size: 1 }, layers: [] }),
);
const digest = Digest.of('sha256', bytes);
const blob = new Blob(digest, 9);
const hook = endpointSettings('hook', 'http://127.0.0.1:1/');

describe('pulls', () => {
  const clock = new ManualClock();
  let written: RegistryEvent[];
  let lost: number;
  let transactions: number;
  let isFull: boolean;
  let waitingEvents: number;
  let stored: StoredManifest | undefined;
  let warnings: string[];
  let subscriptions: EventSubscriptions;
  let pulls: PullEvents;

  beforeEach(() => {
    [written, warnings] = [[], []];
    [lost, transactions, isFull, waitingEvents] = [0, 0, false, 0];
    stored = { digest, mediaType: MANIFEST, size: bytes.length, bytes };
    subscriptions = new EventSubscriptions();
    subscriptions.replace(notificationSettings(hook));
    const note = (message: string): void => void warnings.push(message);
    pulls = new PullEvents({
      announcer: new EventAnnouncer(subscriptions, clock, new SystemRandom(), {
        addr: 'm:1',
        instanceId: 'i',
      }),
      subscriptions,
      outbox: {
        end: () => ({ newest: waitingEvents, oldest: { id: 0, createdAt: 0 } }),
        append: async (events) => {
          if (isFull) throw new Error('the disk is full');
          transactions += 1;
          written.push(...events);
        },
      },
      manifests: {
        load: async (_repository, reference) =>
          reference instanceof Digest && reference.equals(digest) ? stored : undefined,
      },
      metrics: { pullsLost: (events) => void (lost += events) },
      clock,
      logger: { ...QUIET_CONTEXT.logger, warn: note, error: note },
    });
  });
  afterEach(() => clock.advance(60_000));

  it('are written by the flush, not before, in few transactions', async () => {
    for (let pull = 0; pull < 450; pull += 1) pulls.blobPulled(REPOSITORY, blob, QUIET_CONTEXT);
    expect(written).toEqual([]);
    await pulls.flush();
    expect([written.length, transactions]).toEqual([450, 3]);
    await pulls.flush();
    expect(transactions).toBe(3);
  });

  it('leave half of the outbox to what tells of changes', async () => {
    const { maxEvents } = notificationSettings(hook).outbox;
    waitingEvents = maxEvents / 2 - 1;
    pulls.blobPulled(REPOSITORY, blob, QUIET_CONTEXT);
    await pulls.flush();
    expect([written.length, lost]).toEqual([1, 0]);
    waitingEvents += 1;
    for (let pull = 0; pull < 3; pull += 1) pulls.blobPulled(REPOSITORY, blob, QUIET_CONTEXT);
    await pulls.flush();
    expect([written.length, lost]).toEqual([1, 3]);
    expect(warnings).toEqual(['too many pulls: some are not told to endpoints']);
  });

  it('tell the tag by which a manifest was asked for', async () => {
    const entry = { digest, mediaType: MANIFEST, size: bytes.length };
    await pulls.manifestPulled(REPOSITORY, TagName.parse('v1'), entry, QUIET_CONTEXT);
    await pulls.manifestPulled(REPOSITORY, digest, entry, QUIET_CONTEXT);
    await pulls.flush();
    expect(written.map(({ target }) => [target.tag, target.references])).toEqual([
      ['v1', undefined],
      [undefined, undefined],
    ]);
  });

  it('tell what a manifest references when it is wanted, and nothing of one that has gone', async () => {
    subscriptions.replace({ ...notificationSettings(hook), includeReferences: true });
    const gone = { digest: Digest.of('sha256', Buffer.from('gone')), mediaType: MANIFEST, size: 4 };
    await pulls.manifestPulled(REPOSITORY, digest, { digest, mediaType: MANIFEST, size: 1 }, QUIET_CONTEXT);
    await pulls.manifestPulled(REPOSITORY, gone.digest, gone, QUIET_CONTEXT);
    await pulls.flush();
    expect(written.map(({ target }) => target.references)).toEqual([
      [{ mediaType: 'a/b', digest: 'sha256:0', size: 1 }],
      undefined,
    ]);
  });

  it('tell what a manifest references that is deleted before they are written', async () => {
    subscriptions.replace({ ...notificationSettings(hook), includeReferences: true });
    await pulls.manifestPulled(REPOSITORY, digest, { digest, mediaType: MANIFEST, size: 1 }, QUIET_CONTEXT);
    stored = undefined;
    await pulls.flush();
    expect(written[0]?.target.references).toHaveLength(1);
  });

  it('take no more memory than there is for them, however large manifests are', async () => {
    subscriptions.replace({ ...notificationSettings(hook), includeReferences: true });
    const large = { digest, mediaType: MANIFEST, size: 4 * 1024 * 1024 };
    for (let pull = 0; pull < 10; pull += 1) {
      await pulls.manifestPulled(REPOSITORY, digest, large, QUIET_CONTEXT);
    }
    await pulls.flush();
    expect([written.length, lost]).toEqual([7, 3]);
    await pulls.manifestPulled(REPOSITORY, digest, large, QUIET_CONTEXT);
    await pulls.flush();
    expect(written).toHaveLength(8);
  });

  it('cost nothing when nobody wants them', async () => {
    subscriptions.replace(notificationSettings({ ...hook, ignore: { mediaTypes: [], actions: ['pull'] } }));
    pulls.blobPulled(REPOSITORY, blob, QUIET_CONTEXT);
    await pulls.flush();
    expect(written).toEqual([]);
  });

  it('are counted and not kept when there are too many', async () => {
    for (let pull = 0; pull < 10_005; pull += 1) pulls.blobPulled(REPOSITORY, blob, QUIET_CONTEXT);
    await pulls.flush();
    expect([written.length, lost, warnings.length]).toEqual([10_000, 5, 1]);
  });

  it('wait for a database that fails, up to the same bound', async () => {
    pulls.blobPulled(REPOSITORY, blob, QUIET_CONTEXT);
    isFull = true;
    await pulls.flush();
    expect(warnings).toHaveLength(1);
    isFull = false;
    await pulls.flush();
    expect([written.length, lost]).toEqual([1, 0]);
  });
});
