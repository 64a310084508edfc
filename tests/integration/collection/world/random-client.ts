import { StorageFault } from '../../../../src/application/ports/storage/storage-fault.js';
import { Digest } from '../../../../src/domain/content/digest.js';
import { MEDIA_TYPES } from '../../../../src/domain/content/media-type.js';
import { RegistryError, type ErrorCode } from '../../../../src/domain/errors.js';
import type { Manifest } from '../../../../src/domain/manifest/manifest.js';
import { parseManifest } from '../../../../src/domain/manifest/parse-manifest.js';
import type { Reference } from '../../../../src/domain/manifest/reference.js';
import { Repository } from '../../../../src/domain/repository/repository.js';
import { blobOf, image, repository, tag } from '../../../contract/metadata/metadata-actions.js';
import { QUIET_CONTEXT } from '../../../support/application-under-test.js';
import { bodyOf } from '../../../support/fakes.js';
import type { CollectionProcess } from './collection-process.js';
import type { CollectionWorld } from './collection-world.js';

const REPOSITORIES = ['team/app', 'team/base', 'library'] as const;
const TAGS = ['latest', 'v1', 'v2', undefined] as const;
const [CONFIGS, LAYERS, NOTES] = [6, 16, 3];
/** Refusals that a client may get while others delete what it names. */
const EXPECTED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BLOB_UNKNOWN',
  'BLOB_UPLOAD_UNKNOWN',
  'DENIED',
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_UNKNOWN',
  'UNAVAILABLE',
  'UPLOAD_OUT_OF_ORDER',
]);

type Operation = (process: CollectionProcess) => Promise<void>;

/** Does what clients of a registry do, one operation at a time. */
export class RandomClient {
  readonly #world: CollectionWorld;
  readonly #operations: readonly Operation[];
  /** Requests that were begun. */
  requests = 0;

  constructor(world: CollectionWorld) {
    this.#world = world;
    const often: readonly Operation[] = [
      (process) => this.#pushImage(process),
      (process) => this.#pushImage(process),
      (process) => this.#pushImage(process),
      (process) => this.#pushIndex(process),
      (process) => this.#deleteTag(process),
      (process) => this.#deleteManifest(process),
    ];
    this.#operations = [
      ...often,
      ...often,
      (process) => this.#pushIndex(process),
      (process) => this.#pushReferrer(process),
      (process) => this.#pushReferrer(process),
      (process) => this.#pushAgain(process),
      (process) => this.#pushAsBlob(process),
      (process) => this.#deleteBlob(process),
      (process) => this.#pull(process),
      (process) => this.#pull(process),
      (process) => this.#leaveUpload(process),
    ];
  }

  /** @throws what no client may get */
  async operate(process: CollectionProcess): Promise<void> {
    try {
      await this.#world.choices.pick(this.#operations)(process);
    } catch (error) {
      const isRefusal = error instanceof RegistryError && EXPECTED.has(error.code);
      // A push that goes on with a removal meets what the storage refuses.
      const isFault = error instanceof StorageFault && this.#world.faults;
      if (!isRefusal && !isFault) throw error;
    }
  }

  async #pushImage(process: CollectionProcess): Promise<void> {
    const { choices } = this.#world;
    const name = choices.pick(REPOSITORIES);
    const config = `config ${choices.int(CONFIGS)}`;
    const layers = Array.from({ length: choices.int(4) }, () => `layer ${choices.int(LAYERS)}`);
    for (const content of new Set([config, ...layers])) {
      if (this.#world.model.rules.sparse && choices.once(6)) continue;
      await this.#offer(process, name, content);
    }
    await this.#dawdle(process);
    const manifest = image(config, { layers, note: `${choices.int(NOTES)}` });
    await this.#put(process, name, manifest, choices.pick(TAGS));
  }

  async #pushIndex(process: CollectionProcess): Promise<void> {
    const { choices } = this.#world;
    const name = choices.pick(REPOSITORIES);
    const children = [this.#manifestOf(name), this.#manifestOf(name)].flatMap((each) => each ?? []);
    if (children.length === 0) return;
    const subject = choices.once(4) ? choices.pick(children) : undefined;
    const body = JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociIndex,
      manifests: children.map(describe),
      subject: subject && describe(subject),
      annotations: { note: `${choices.int(NOTES)}` },
    });
    const manifest = parseManifest(Buffer.from(body), MEDIA_TYPES.ociIndex);
    await this.#put(process, name, manifest, choices.pick(TAGS));
  }

  async #pushReferrer(process: CollectionProcess): Promise<void> {
    const { choices } = this.#world;
    const name = choices.pick(REPOSITORIES);
    const config = `config ${choices.int(CONFIGS)}`;
    const subject = this.#manifestOf(name) ?? image(config, { note: '0' });
    await this.#offer(process, name, config);
    for (let left = 1 + choices.int(3); left > 0; left -= 1) {
      const about = { subject: subject.digest, artifactType: 'example/note', note: `${choices.int(NOTES)}` };
      await this.#put(process, name, image(config, about), choices.once(4) ? 'v2' : undefined);
    }
  }

  /** As a retag does, and a push of the same image to another repository whose blobs may not be there. */
  async #pushAgain(process: CollectionProcess): Promise<void> {
    const { choices } = this.#world;
    const manifest = this.#manifestOf(choices.pick(REPOSITORIES));
    if (manifest !== undefined)
      await this.#put(process, choices.pick(REPOSITORIES), manifest, choices.pick(TAGS));
  }

  /** A manifest is content like any other. */
  async #pushAsBlob(process: CollectionProcess): Promise<void> {
    const name = this.#world.choices.pick(REPOSITORIES);
    const manifest = this.#manifestOf(name);
    if (manifest !== undefined) await this.#push(process, name, manifest.bytes.toString());
  }

  async #deleteTag(process: CollectionProcess): Promise<void> {
    const { choices, model } = this.#world;
    const name = choices.pick(REPOSITORIES);
    const tags = [...model.of(name).tags.keys()];
    if (tags.length === 0) return;
    this.requests += 1;
    await process.deleteTag.execute(
      { repository: repository(name), tag: tag(choices.pick(tags)) },
      QUIET_CONTEXT,
    );
  }

  async #deleteManifest(process: CollectionProcess): Promise<void> {
    const name = this.#world.choices.pick(REPOSITORIES);
    const manifest = this.#manifestOf(name);
    if (manifest === undefined) return;
    this.requests += 1;
    await process.deleteManifest.execute(
      { repository: repository(name), digest: manifest.digest },
      QUIET_CONTEXT,
    );
  }

  async #deleteBlob(process: CollectionProcess): Promise<void> {
    const { choices, model } = this.#world;
    const name = choices.pick(REPOSITORIES);
    const links = [...model.of(name).links.keys()];
    if (links.length === 0) return;
    this.requests += 1;
    await process.deleteBlob.execute(
      {
        repository: repository(name),
        digest: Digest.parse(choices.pick(links)),
      },
      QUIET_CONTEXT,
    );
  }

  /** What a manifest needs is there as long as the manifest is. */
  async #pull(process: CollectionProcess): Promise<void> {
    const name = this.#world.choices.pick(REPOSITORIES);
    const known = this.#manifestOf(name);
    if (known === undefined) return;
    this.requests += 1;
    const { bytes } = await process.pullManifest.execute({
      repository: repository(name),
      reference: known.digest,
    });
    if (!bytes.equals(known.bytes)) throw new Error(`${known.digest.toString()} has other bytes`);
    for (const { digest } of known.references) {
      if (known.content.kind === 'image' && digest !== undefined)
        await this.#pullBlob(process, name, known, digest);
    }
  }

  async #pullBlob(process: CollectionProcess, name: string, of: Manifest, digest: Digest): Promise<void> {
    const { model } = this.#world;
    const mustBeThere = () => !model.rules.sparse && model.of(name).manifests.has(of.digest.toString());
    this.requests += 1;
    try {
      const pulled = await process.pullBlob.execute({ repository: repository(name), digest });
      await pulled.bytes();
      await (await pulled.open(0)).close();
    } catch (error) {
      if (mustBeThere())
        throw new Error(`${name}@${of.digest.toString()} can not be pulled`, { cause: error });
      if (!(error instanceof RegistryError)) throw error;
    }
  }

  async #leaveUpload(process: CollectionProcess): Promise<void> {
    const { choices } = this.#world;
    const name = repository(choices.pick(REPOSITORIES));
    this.requests += 2;
    const id = await process.startUpload.execute({ repository: name, algorithm: 'sha256' });
    const claim = { range: undefined, length: 4, locationOffset: undefined };
    await process.appendChunk.execute({ repository: name, id, claim, body: bodyOf('left') });
    if (choices.once(2)) await process.cancelUpload.execute({ repository: name, id });
  }

  /** As clients do: some look first, some mount, some push. */
  async #offer(process: CollectionProcess, name: string, content: string): Promise<void> {
    const { choices } = this.#world;
    const way = choices.int(6);
    if (way < 3 && (await this.#isThere(process, name, content))) return;
    if (way === 3 && (await this.#mount(process, name, content))) return;
    if (way === 4) await this.#pushInPieces(process, name, content);
    else await this.#push(process, name, content);
    if (choices.once(8)) await this.#dawdle(process);
  }

  async #isThere(process: CollectionProcess, name: string, content: string): Promise<boolean> {
    const { digest } = blobOf(content);
    const asked = process.clock.now();
    this.requests += 1;
    try {
      await process.statBlob.execute({ repository: repository(name), digest });
    } catch (error) {
      if (error instanceof RegistryError && error.code === 'BLOB_UNKNOWN') return false;
      throw error;
    }
    this.#world.model.promise(name, digest.toString(), asked);
    return true;
  }

  async #mount(process: CollectionProcess, name: string, content: string): Promise<boolean> {
    const { choices } = this.#world;
    this.requests += 1;
    const request = {
      repository: new Repository(repository(name)),
      digest: blobOf(content).digest,
      from: choices.pick([...REPOSITORIES, undefined]),
    };
    return process.mountBlob.execute(request, QUIET_CONTEXT);
  }

  async #push(process: CollectionProcess, name: string, content: string): Promise<void> {
    const { digest, size } = blobOf(content);
    this.requests += 1;
    const request = { repository: repository(name), digest, length: size, body: bodyOf(content) };
    await process.pushBlob.execute(request, QUIET_CONTEXT);
  }

  async #pushInPieces(process: CollectionProcess, name: string, content: string): Promise<void> {
    const { digest } = blobOf(content);
    const half = Math.floor(content.length / 2);
    const at = { repository: repository(name) };
    this.requests += 3;
    const id = await process.startUpload.execute({ ...at, algorithm: 'sha256' });
    const claim = { range: undefined, length: undefined, locationOffset: undefined };
    await process.appendChunk.execute({ ...at, id, claim, body: bodyOf(content.slice(0, half)) });
    const rest = bodyOf(content.slice(half));
    await process.completeUpload.execute({ ...at, id, digest, claim, body: rest }, QUIET_CONTEXT);
  }

  async #put(
    process: CollectionProcess,
    name: string,
    { bytes, mediaType, digest }: Manifest,
    tagged: string | undefined,
  ): Promise<void> {
    const reference: Reference = tagged === undefined ? digest : tag(tagged);
    this.requests += 1;
    await process.pushManifest.execute(
      {
        repository: new Repository(repository(name)),
        reference,
        tagParameters: [],
        contentType: mediaType,
        bytes,
      },
      QUIET_CONTEXT,
    );
  }

  async #dawdle({ clock }: CollectionProcess): Promise<void> {
    const { choices, model } = this.#world;
    const { grace } = model.rules;
    if (choices.once(3)) await clock.sleep(Math.floor(grace * choices.pick([0.1, 0.5, 0.9, 0.99, 1.6])));
  }

  #manifestOf(name: string): Manifest | undefined {
    const { choices, model } = this.#world;
    const manifests = [...model.of(name).manifests.values()];
    return manifests.length === 0 ? undefined : choices.pick(manifests).manifest;
  }
}

function describe({ digest, mediaType, size }: Manifest): object {
  return { mediaType, digest: digest.toString(), size };
}
