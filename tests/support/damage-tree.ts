import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  blobPath,
  layerPath,
  ReferenceTree,
  revisionPath,
  tagPath,
  TREE,
  type TreeDescriptor,
} from './reference-tree.js';

export interface Damage {
  readonly what: string;
  /** Below the root: a report names one of them, or a path below it. */
  readonly paths: readonly string[];
}

export interface Kept {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

export interface DamagedTree {
  /** What a report has to name, with a reason. */
  readonly reported: readonly Damage[];
  /** Rests of a crash that harm nothing: no report names them. */
  readonly ignored: readonly string[];
  /** What is whole beside the damage, and has to be served. */
  readonly served: readonly Kept[];
  /** Tags that can not be served: 404. */
  readonly lost: readonly Omit<Kept, 'digest'>[];
  /** Repositories whose names only the reference allows: pulled and listed, refused for new pushes. */
  readonly pulledOnly: readonly Kept[];
}

const REPOSITORIES = `${TREE}/repositories`;
const NOWHERE = `sha256:${'0123456789abcdef'.repeat(4)}`;
const TOO_LARGE = 4 * 1024 * 1024 + 1;
const SCHEMA_1 = JSON.stringify({
  schemaVersion: 1,
  name: 'damaged/schema-1',
  tag: 'lost',
  architecture: 'amd64',
  fsLayers: [{ blobSum: NOWHERE }],
  history: [{ v1Compatibility: '{}' }],
  signatures: [{ header: { alg: 'ES256' }, signature: 'none', protected: 'e30' }],
});

/**
 * Adds every kind of damage to a tree, each in a repository `damaged/<kind>` that also has a whole image with the tag
 * `whole`. Only `unreadable` needs that who reads it is not almighty.
 */
export function damageTree(root: string): DamagedTree {
  const damager = new Damager(root);
  damager.damageLinks();
  damager.damageFolders();
  damager.damageManifests();
  damager.addSymbolicLinks();
  damager.addNames();
  damager.leaveRests();
  damager.makeUnreadable();
  return damager;
}

class Damager implements DamagedTree {
  readonly reported: Damage[] = [];
  readonly ignored: string[] = [];
  readonly served: Kept[] = [];
  readonly lost: Omit<Kept, 'digest'>[] = [];
  readonly pulledOnly: Kept[] = [];
  readonly #root: string;
  readonly #tree: ReferenceTree;

  constructor(root: string) {
    this.#root = root;
    this.#tree = new ReferenceTree(root);
  }

  damageLinks(): void {
    const cut = this.#whole('damaged/cut-links');
    this.#lose('damaged/cut-links', 'lost', 'a truncated link of a tag', cut.digest.slice(0, 20));
    this.#lose('damaged/cut-links', 'empty', 'an empty link of a tag', '');
    this.#lose('damaged/cut-links', 'junk', 'a link of a tag that is no digest', '\0\0\0\0');
    const { config } = this.#parts('cut revision');
    this.#damage(
      'a truncated link of a revision',
      revisionPath('damaged/cut-links', config.digest),
      'sha256:12',
    );
    this.#damage('a truncated link of a layer', layerPath('damaged/cut-links', config.digest), 'sha25');

    const nothing = this.#whole('damaged/to-nothing');
    this.#lose('damaged/to-nothing', 'lost', 'a tag that names no revision', NOWHERE);
    this.#damage(
      'a revision without its blob',
      revisionPath('damaged/to-nothing', NOWHERE),
      NOWHERE,
      blobPath(NOWHERE),
    );
    this.#damage(
      'a layer without its blob',
      layerPath('damaged/to-nothing', NOWHERE),
      NOWHERE,
      blobPath(NOWHERE),
    );

    const folder = this.#whole('damaged/other-folder');
    this.#damage(
      'a revision in the folder of another',
      revisionPath('damaged/other-folder', nothing.digest),
      folder.digest,
    );
    this.#damage(
      'a layer in the folder of another',
      layerPath('damaged/other-folder', config.digest),
      folder.digest,
    );
    const alias = `sha512:${'ab'.repeat(64)}`;
    this.#damage(
      'a sha512 link that names a sha256 digest',
      layerPath('damaged/other-folder', alias),
      config.digest,
    );

    const shouted = this.#whole('damaged/wrong-case').digest.replace('sha256:', '').toUpperCase();
    this.#lose('damaged/wrong-case', 'lost', 'a tag that names a digest in upper case', `sha256:${shouted}`);
    for (const [what, path] of [
      ['a folder of a digest in upper case', revisionPath('damaged/wrong-case', `sha256:${shouted}`)],
      [
        'an algorithm in upper case',
        layerPath('damaged/wrong-case', config.digest).replace('sha256', 'SHA256'),
      ],
    ] as const) {
      this.#tree.file(path, config.digest);
      this.#report(what, dirname(path));
    }
  }

  damageFolders(): void {
    const name = 'damaged/wrong-kind';
    const { config, image } = this.#parts('of the wrong kind');
    this.#whole(name);
    this.#folderInsteadOf('a folder where the link of a tag should be', tagPath(name, 'lost'));
    this.lost.push({ repository: name, tag: 'lost' });
    this.#folderInsteadOf('a folder where the link of a layer should be', layerPath(name, config.digest));
    const revision = this.#tree.image(name, image);
    this.#tree.tag(name, 'no-bytes', revision.digest);
    rmSync(join(this.#root, blobPath(revision.digest)));
    this.#folderInsteadOf(
      'a folder where a blob should be',
      blobPath(revision.digest),
      revisionPath(name, revision.digest),
    );
    this.lost.push({ repository: name, tag: 'no-bytes' });
    this.#damage(
      'a file where the folder of a tag should be',
      `${REPOSITORIES}/${name}/_manifests/tags/file`,
      'x',
    );
    this.#damage(
      'a file where an algorithm should be',
      `${REPOSITORIES}/${name}/_manifests/revisions/sha512`,
      'x',
    );
    this.#damage('a file where layers should be', `${REPOSITORIES}/damaged/no-layers/_layers`, 'x');
    mkdirSync(join(this.#root, dirname(tagPath(name, 'pipe'))), { recursive: true });
    execFileSync('mkfifo', [join(this.#root, tagPath(name, 'pipe'))]);
    this.#report('a pipe where the link of a tag should be', tagPath(name, 'pipe'));
    this.lost.push({ repository: name, tag: 'pipe' });
  }

  damageManifests(): void {
    for (const [kind, body] of [
      ['no-json', '{"schemaVersion":2,"mediaType":'],
      ['no-bytes', ''],
      ['no-object', '[]'],
      ['schema-1', SCHEMA_1],
      ['too-large', ' '.repeat(TOO_LARGE)],
    ] as const) {
      const repository = `damaged/${kind}`;
      this.#whole(repository);
      const { digest } = this.#tree.manifest(repository, body, '');
      this.#tree.tag(repository, 'lost', digest);
      this.lost.push({ repository, tag: 'lost' });
      this.#report(`a manifest that is none: ${kind}`, revisionPath(repository, digest), blobPath(digest));
    }
    const { config, image } = this.#parts('incomplete');
    const missing = { mediaType: config.mediaType, digest: NOWHERE, size: 1 };
    const incomplete = this.#tree.image('damaged/incomplete', { ...image, layers: [missing] });
    rmSync(join(this.#root, layerPath('damaged/incomplete', NOWHERE)));
    this.#keep('damaged/incomplete', 'incomplete', incomplete);
  }

  /** Followed where they lead somewhere; one that leads into itself must not be followed for ever. */
  addSymbolicLinks(): void {
    const name = 'damaged/symbolic';
    const { digest } = this.#whole(name);
    this.#link(tagPath(name, 'whole'), tagPath(name, 'followed'));
    this.served.push({ repository: name, tag: 'followed', digest });
    this.#link(`${REPOSITORIES}/${name}`, `${REPOSITORIES}/damaged/symbolic-too`);
    this.served.push({ repository: 'damaged/symbolic-too', tag: 'whole', digest });
    this.#link(`${REPOSITORIES}/nowhere`, tagPath(name, 'lost'));
    this.#report('a symbolic link to nothing', tagPath(name, 'lost'));
    this.#link(tagPath(name, 'circle'), tagPath(name, 'circle'));
    this.#report('a symbolic link to itself', tagPath(name, 'circle'));
    for (const tag of ['lost', 'circle']) this.lost.push({ repository: name, tag });
    this.#whole('damaged/endless');
    this.#link(`${REPOSITORIES}/damaged/endless`, `${REPOSITORIES}/damaged/endless/again`);
    this.#report('a symbolic link to a folder above it', `${REPOSITORIES}/damaged/endless/again`);
  }

  addNames(): void {
    this.#whole(`damaged/${Array.from({ length: 60 }, (_, depth) => `d${depth}`).join('/')}`);
    const image = this.#parts('named').image;
    for (const name of [
      `damaged/${'long/'.repeat(60)}name`,
      'damaged/UPPER',
      'damaged/with space',
      'damaged/ends-',
      'damaged/.hidden',
    ]) {
      this.#tree.tag(name, 'whole', this.#tree.image(name, image).digest);
      this.#report(`a name that no one allows: ${name.slice(0, 40)}`, `${REPOSITORIES}/${name}`);
    }
    const { digest } = this.#whole('damaged/tag-names');
    for (const tag of ['with space', '-begins', 't'.repeat(129)]) {
      this.#tree.tag('damaged/tag-names', tag, digest);
      this.#report(
        `a tag that no one allows: ${tag.slice(0, 20)}`,
        dirname(dirname(tagPath('damaged/tag-names', tag))),
      );
    }
    for (const repository of ['Damaged/app', 'Damaged.Example.com/team/app']) {
      const { digest: pulled } = this.#tree.image(repository, image);
      this.#tree.tag(repository, 'whole', pulled);
      this.pulledOnly.push({ repository, tag: 'whole', digest: pulled });
    }
  }

  /** A crash of the reference leaves temporary files, uploads and folders without their links. */
  leaveRests(): void {
    const { digest } = this.#whole('damaged/rests');
    for (const path of [revisionPath('damaged/rests', digest), tagPath('damaged/rests', 'whole')]) {
      const rest = `${path}.8f1c9d5e-7d0a-4a6b-9d53-0a4b8f3f2a11.tmp`;
      this.#tree.file(rest, digest.slice(0, 30));
      this.ignored.push(rest);
    }
    const upload = `${REPOSITORIES}/damaged/rests/_uploads/0d3f2b1e-9d53-4a6b-8f1c-0a4b8f3f2a11`;
    this.#tree.file(`${upload}/data`, 'half of it');
    this.#tree.file(`${upload}/startedat`, '2023-11-14T22:13:20Z');
    const deleted = [revisionPath('damaged/rests', NOWHERE), layerPath('damaged/rests', NOWHERE)].map(
      dirname,
    );
    for (const folder of deleted) mkdirSync(join(this.#root, folder), { recursive: true });
    this.ignored.push(upload, ...deleted);
  }

  makeUnreadable(): void {
    const name = 'damaged/unreadable';
    this.#whole(name);
    const image = this.#tree.image(name, this.#parts('unreadable').image);
    this.#lose(name, 'lost', 'a link that can not be read', image.digest);
    chmodSync(join(this.#root, tagPath(name, 'lost')), 0);
    chmodSync(join(this.#root, blobPath(image.digest)), 0);
    this.#report('a manifest that can not be read', revisionPath(name, image.digest), blobPath(image.digest));
    this.#whole('damaged/unreadable-folder');
    const folder = `${REPOSITORIES}/damaged/unreadable-folder/_manifests/tags/closed`;
    this.#tree.file(`${folder}/current/link`, image.digest);
    chmodSync(join(this.#root, folder), 0);
    this.#report('a folder of a tag that can not be read', folder);
  }

  /** An image of the repository that nothing is wrong with. */
  #whole(repository: string): TreeDescriptor {
    const image = this.#tree.image(repository, this.#parts(repository).image);
    this.#keep(repository, 'whole', image);
    return image;
  }

  #keep(repository: string, tag: string, { digest }: TreeDescriptor): void {
    this.#tree.tag(repository, tag, digest);
    this.served.push({ repository, tag, digest });
  }

  #parts(of: string): {
    config: TreeDescriptor;
    image: { config: TreeDescriptor; layers: TreeDescriptor[] };
  } {
    const config = this.#tree.config({ of });
    return { config, image: { config, layers: [this.#tree.blob(`layer of ${of}`)] } };
  }

  #lose(repository: string, tag: string, what: string, link: string): void {
    this.#damage(what, tagPath(repository, tag), link);
    this.lost.push({ repository, tag });
  }

  #damage(what: string, path: string, content: string, ...others: readonly string[]): void {
    this.#tree.file(path, content);
    this.#report(what, path, ...others);
  }

  #folderInsteadOf(what: string, path: string, ...others: readonly string[]): void {
    mkdirSync(join(this.#root, path), { recursive: true });
    this.#report(what, path, ...others);
  }

  #link(target: string, path: string): void {
    mkdirSync(join(this.#root, dirname(path)), { recursive: true });
    symlinkSync(join(this.#root, target), join(this.#root, path));
  }

  #report(what: string, ...paths: readonly string[]): void {
    this.reported.push({ what, paths });
  }
}
