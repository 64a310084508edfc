import { digestOf, type HttpClient } from '../../support/http-client.js';
import { imageManifest, indexManifest } from '../../support/registry-actions.js';

const ACCEPT = {
  accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json',
};

/** An image by its number: the same in every repository. */
export const imageOf = (number: number): string =>
  imageManifest('config', { layers: [`layer ${number}`, 'shared'], annotations: { number: String(number) } });
export const blobsOf = (number: number): readonly string[] => ['config', `layer ${number}`, 'shared'];
export const looseOf = (number: number): string => `loose ${number}`;

/** What a registry has to serve: the whole of it, kept in the simplest way. */
export class TreeModel {
  /** `name` → `tag` → digest */
  readonly tags = new Map<string, Map<string, string>>();
  /** `name@digest` → is it there now; so that what is gone is asked for too. */
  readonly manifests = new Map<string, boolean>();
  /** `name/blobs/digest` → is it there now */
  readonly blobs = new Map<string, boolean>();
  /** `name@digest` of an index → what it lists */
  readonly #lists = new Map<string, readonly string[]>();

  hasImage(name: string, number: number): boolean {
    return this.manifests.get(`${name}@${digestOf(imageOf(number))}`) === true;
  }

  hasBlob(name: string, content: string): boolean {
    return this.blobs.get(`${name}/blobs/${digestOf(content)}`) === true;
  }

  hasTag(name: string, tag: string): boolean {
    return this.tags.get(name)?.has(tag) === true;
  }

  /** An index that is kept lists it: Stowage refuses to delete it, the reference does not. */
  isListed(name: string, digest: string): boolean {
    return [...this.#lists].some(
      ([index, children]) =>
        index.startsWith(`${name}@`) && this.manifests.get(index) === true && children.includes(digest),
    );
  }

  addBlob(name: string, content: string): void {
    this.blobs.set(`${name}/blobs/${digestOf(content)}`, true);
  }

  addManifest(name: string, body: string, tag: string | undefined, children: readonly string[] = []): void {
    const digest = digestOf(body);
    this.manifests.set(`${name}@${digest}`, true);
    this.#lists.set(`${name}@${digest}`, children);
    if (tag === undefined) return;
    const tags = this.tags.get(name) ?? new Map<string, string>();
    this.tags.set(name, tags.set(tag, digest));
  }

  removeTag(name: string, tag: string): void {
    this.tags.get(name)?.delete(tag);
  }

  removeBlob(name: string, content: string): void {
    this.blobs.set(`${name}/blobs/${digestOf(content)}`, false);
  }

  /** Its tags go with it; its blobs stay. */
  removeManifest(name: string, digest: string): void {
    this.manifests.set(`${name}@${digest}`, false);
    for (const [tag, target] of this.tags.get(name) ?? []) {
      if (target === digest) this.removeTag(name, tag);
    }
  }

  index(name: string): string | undefined {
    const children = [0, 1, 2, 3].filter((number) => this.hasImage(name, number)).map(imageOf);
    return children.length === 0 ? undefined : indexManifest(children);
  }

  /** Asks for everything that ever was. @returns one line for each answer that is not the model's */
  async complaints(client: HttpClient): Promise<string[]> {
    const wrong: string[] = [];
    const expectSame = (what: string, actual: unknown, expected: unknown): void => {
      if (actual !== expected) wrong.push(`${what}: ${String(actual)} instead of ${String(expected)}`);
    };
    for (const [key, isThere] of [...this.manifests, ...this.blobs]) {
      const path = `/v2/${key.replace('@', '/manifests/')}`;
      const { status, body } = await client.send({ path, headers: ACCEPT });
      const digest = status === 200 ? digestOf(body) : status;
      expectSame(key, digest, isThere ? key.slice(key.indexOf('sha256:')) : 404);
    }
    for (const [name, tags] of this.tags) {
      for (const [tag, target] of tags) {
        const { body } = await client.send({ path: `/v2/${name}/manifests/${tag}`, headers: ACCEPT });
        expectSame(`${name}:${tag}`, digestOf(body), target);
      }
      const { body } = await client.send({ path: `/v2/${name}/tags/list` });
      const { tags: listed } = JSON.parse(body.toString()) as { tags?: string[] | null };
      expectSame(`tags of ${name}`, (listed ?? []).toSorted().join(), [...tags.keys()].toSorted().join());
    }
    expectSame('missing in the catalog', (await this.#notListed(client)).join(), '');
    return wrong;
  }

  /** Each program has a rule of its own for what is empty; what has an image is listed by all. */
  async #notListed(client: HttpClient): Promise<string[]> {
    const { body } = await client.send({ path: '/v2/_catalog?n=1000' });
    const { repositories } = JSON.parse(body.toString()) as { repositories: string[] };
    const withImages = [...this.manifests]
      .filter(([, isThere]) => isThere)
      .map(([key]) => key.split('@')[0] ?? '');
    return [...new Set(withImages)].filter((name) => !repositories.includes(name));
  }
}
