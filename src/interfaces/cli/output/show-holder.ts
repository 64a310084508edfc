import type {
  BlobReference,
  Doubt,
  HolderExplanation,
  LinkFate,
  ManifestFate,
  Review,
} from '../../../application/services/content-explanation.js';
import type { Digest } from '../../../domain/content/digest.js';
import { showChain } from './show-chain.js';
import { showMoment } from './show-moment.js';

const STEP = '  ';

type Untagged = Extract<ManifestFate, { kind: 'untagged' }>;

/** What of a digest is told beside what a repository has of it. */
interface About {
  readonly digest: Digest;
  readonly now: number;
}

/** What a repository has of a digest and why it keeps it, as lines. */
export function showHolder(
  { repository, link, manifest }: HolderExplanation,
  { digest, now }: About,
): readonly string[] {
  const name = repository.toString();
  const lines: string[] = [];
  if (manifest !== undefined) {
    const { mediaType, pushedAt, subject, hasSubject, fate } = manifest;
    lines.push(`${name} has it as a manifest (${mediaType}), pushed ${showMoment(pushedAt, now)}.`);
    lines.push(...showManifestFate(fate, name, now));
    if (subject !== undefined && !hasSubject) {
      lines.push(`${STEP}Its subject ${subject.toString()} is not in the repository, and holds nothing.`);
    }
  }
  if (link !== undefined) {
    lines.push(`${name} has it as a blob, linked ${showMoment(link.linkedAt, now)}.`);
    lines.push(...showLinkFate(link.fate, name, { digest, now }));
  }
  return lines;
}

/** `not before 2026-11-29 09:12:00 UTC (in 3 h)`, or since when it is due. */
export function showFrom(from: number, now: number): string {
  return from > now ? `not before ${showMoment(from, now)}` : `due since ${showMoment(from, now)}`;
}

function showLinkFate(fate: LinkFate, repository: string, { digest, now }: About): readonly string[] {
  switch (fate.kind) {
    case 'referenced': {
      const lines = fate.by.items.flatMap((reference) => showReference(reference, repository, digest));
      return fate.by.more ? [...lines, `${STEP}… and more manifests reference it.`] : lines;
    }
    case 'unreadable':
    case 'too-many':
      return showDoubt(fate, repository);
    case 'goes':
    case 'on-request':
    case 'unscheduled':
      return [`${STEP}No manifest references it. ${showReview(fate, 'It leaves the repository', now)}`];
  }
}

function showReference(
  { manifest, role, standing }: BlobReference,
  repository: string,
  digest: Digest,
): readonly string[] {
  const below = `${role === undefined || role === 'child' ? 'blob' : role} ${digest.toString()}`;
  if (standing?.kind === 'tagged') return showChain(standing.chain, below);
  const name = manifest.toString();
  const why = `no tag reaches it; \`stowage gc explain ${repository}@${name}\` says more`;
  return [`${STEP}manifest ${name} (${why})`, `${STEP}${STEP}${below}`];
}

function showManifestFate(fate: ManifestFate, repository: string, now: number): readonly string[] {
  switch (fate.kind) {
    case 'tagged':
      return [...showChain(fate.chain), ...showUntouched(fate.chain.at(-1)?.heldBy)];
    case 'unreadable':
      return [`${STEP}No tag reaches it.`, ...showDoubt(fate, repository)];
    case 'too-many':
      return showDoubt(fate, repository);
    case 'untagged':
      return showUntagged(fate, now);
  }
}

function showUntouched(heldBy: 'index' | 'subject' | undefined): readonly string[] {
  if (heldBy === undefined) return [];
  const why = heldBy === 'index' ? 'an index that is kept lists it' : 'its subject is kept';
  return [`${STEP}\`stowage gc --delete-untagged\` leaves it where it is: ${why}.`];
}

function showUntagged(fate: Untagged, now: number): readonly string[] {
  const { review, removableFrom = 0, latest = [] } = fate;
  const unasked =
    review === undefined
      ? 'No tag reaches it; untagged manifests stay until somebody asks for their removal.'
      : `No tag reaches it. ${showReview(review, 'The registry removes it (gc.untagged)', now)}`;
  const asked = `\`stowage gc --delete-untagged\` removes it ${showRemovable(fate, now)}.`;
  const isBelow = removableFrom > now && latest.length > 1;
  const above = isBelow ? [`${STEP}Until then this holds it:`, ...deeper(showChain(latest))] : [];
  return [`${STEP}${unasked}`, `${STEP}${asked}`, ...above];
}

function showRemovable({ removableFrom = 0, onRequest }: Untagged, now: number): string {
  if (removableFrom > now) return `after ${showMoment(removableFrom, now)}, with --grace 0 at once`;
  return onRequest ? 'at once, beside a running registry after a grace' : 'at once';
}

function showDoubt(doubt: Doubt, repository: string): readonly string[] {
  if (doubt.kind === 'too-many') {
    return [`${STEP}Too many manifests reference it, or may, to look at all of them: it is kept.`];
  }
  const { items, more } = doubt.things;
  return [
    `${STEP}Something there can not be read, so all that the repository has is kept`,
    `${STEP}(\`stowage gc --drop-unreadable ${repository}\` ends that):`,
    ...items.map(({ path, reason }) => `${STEP}${STEP}${path} ${reason}`),
    ...ellipsis(more),
  ];
}

/** @param what the beginning of a sentence that says what happens */
export function showReview(review: Review, what: string, now: number): string {
  switch (review.kind) {
    case 'goes':
      return `${what}: ${showFrom(review.from, now)}.`;
    case 'on-request':
      return `It was adopted from another registry, or something could not be read: it stays until somebody runs \`stowage gc\`.`;
    case 'unscheduled':
      return 'It stays: collection has not been told to look at it.';
  }
}

function deeper(lines: readonly string[]): readonly string[] {
  return lines.map((line) => STEP + line);
}

function ellipsis(more: boolean): readonly string[] {
  return more ? [`${STEP}${STEP}… and more`] : [];
}
