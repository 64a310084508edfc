import { sha256 } from '../load/content.js';
import { numbered } from '../load/fill.js';
import type { Growing, PushedManifest } from './growing.js';
import { BASE, configOf, EMPTY, imageOf, referrerOf } from './manifests.js';

/** A page; half of what the smallest registry has, so that it has one behind others too. */
const PAGE = 50;
const TAGS_OF_A_MANIFEST = 10;
const IN_A_NAMESPACE = 1000;

export interface InRepository<T> {
  readonly repository: string;
  readonly value: T;
}

export interface ListedPages {
  readonly title: string;
  /** What the answer lists, below which key. */
  readonly key: string;
  readonly path: string;
  /** `last`, for the page that begins behind so many. */
  readonly after: (number: number) => string;
}

/** One thing of which a registry has more and more, while it has nothing else, or as little as can be. */
export interface Axis {
  readonly name: string;
  /** Pushes the first `count` of them, and what they need. */
  readonly pushAll: (growing: Growing, count: number) => Promise<void>;
  readonly repositories: (count: number) => Iterable<string>;
  /** What requests are about: by the number of the thing, 0 to `count` - 1. */
  readonly tag: (number: number) => InRepository<string>;
  readonly manifest: (number: number) => InRepository<PushedManifest>;
  readonly blob: (number: number) => InRepository<Buffer>;
  readonly list?: ListedPages;
  /** What new referrers may refer to. */
  readonly subject?: InRepository<PushedManifest>;
}

async function pushImage(growing: Growing, repository: string, number: number): Promise<void> {
  await growing.pushBlob(repository, BASE);
  await growing.pushBlob(repository, configOf(number));
}

function nameOf(number: number): string {
  const namespace = String(Math.floor(number / IN_A_NAMESPACE)).padStart(3, '0');
  return numbered(`growth/n${namespace}/r`, number);
}

const REPOSITORIES: Axis = {
  name: 'repositories',
  pushAll: async (growing, count) => {
    for (let number = 0; number < count; number++) {
      await pushImage(growing, nameOf(number), number);
      await growing.pushManifest(nameOf(number), imageOf(number), 'latest');
    }
  },
  repositories: function* (count) {
    for (let number = 0; number < count; number++) yield nameOf(number);
  },
  tag: (number) => ({ repository: nameOf(number), value: 'latest' }),
  manifest: (number) => ({ repository: nameOf(number), value: imageOf(number) }),
  blob: (number) => ({ repository: nameOf(number), value: configOf(number) }),
  list: {
    title: 'page of the catalog, n=50',
    key: 'repositories',
    path: `/v2/_catalog?n=${PAGE}`,
    after: (number) => nameOf(number - 1),
  },
};

const TAGGED = 'growth/tags';
const taggedImage = (number: number): number => Math.floor(number / TAGS_OF_A_MANIFEST);

const TAGS: Axis = {
  name: 'tags of one repository',
  pushAll: async (growing, count) => {
    for (let number = 0; number < count; number++) {
      const image = taggedImage(number);
      if (number % TAGS_OF_A_MANIFEST === 0) await pushImage(growing, TAGGED, image);
      await growing.pushManifest(TAGGED, imageOf(image), numbered('t', number));
    }
  },
  repositories: () => [TAGGED],
  tag: (number) => ({ repository: TAGGED, value: numbered('t', number) }),
  manifest: (number) => ({ repository: TAGGED, value: imageOf(taggedImage(number)) }),
  blob: (number) => ({ repository: TAGGED, value: configOf(taggedImage(number)) }),
  list: {
    title: 'page of tags, n=50',
    key: 'tags',
    path: `/v2/${TAGGED}/tags/list?n=${PAGE}`,
    after: (number) => numbered('t', number - 1),
  },
};

const FILLED = 'growth/blobs';
const blobOf = (number: number): Buffer => Buffer.from(`blob ${number}`);

const BLOBS: Axis = {
  name: 'blobs of one repository',
  pushAll: async (growing, count) => {
    await pushImage(growing, FILLED, 0);
    await growing.pushManifest(FILLED, imageOf(0), 'latest');
    for (let number = 0; number < count; number++) await growing.pushBlob(FILLED, blobOf(number));
  },
  repositories: () => [FILLED],
  tag: () => ({ repository: FILLED, value: 'latest' }),
  manifest: () => ({ repository: FILLED, value: imageOf(0) }),
  blob: (number) => ({ repository: FILLED, value: blobOf(number) }),
};

const REFERRED = 'growth/referrers';
/** The image that all referrers refer to. */
const SUBJECT: InRepository<PushedManifest> = { repository: REFERRED, value: imageOf(0) };

const REFERRERS: Axis = {
  name: 'referrers of one subject',
  pushAll: async (growing, count) => {
    await pushImage(growing, REFERRED, 0);
    await growing.pushManifest(REFERRED, SUBJECT.value, 'latest');
    await growing.pushBlob(REFERRED, EMPTY);
    for (let number = 0; number < count; number++) {
      await growing.pushManifest(REFERRED, referrerOf(SUBJECT.value, number), undefined);
    }
  },
  repositories: () => [REFERRED],
  tag: () => ({ repository: REFERRED, value: 'latest' }),
  manifest: (number) => ({ repository: REFERRED, value: referrerOf(SUBJECT.value, number) }),
  blob: () => ({ repository: REFERRED, value: EMPTY }),
  subject: SUBJECT,
  list: {
    title: 'page of referrers',
    key: 'manifests',
    path: `/v2/${REFERRED}/referrers/${sha256(SUBJECT.value.bytes)}`,
    after: (number) => sha256(referrerOf(SUBJECT.value, number - 1).bytes),
  },
};

export const AXES: readonly Axis[] = [REPOSITORIES, TAGS, BLOBS, REFERRERS];
