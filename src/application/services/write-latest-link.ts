import type { Digest } from '../../domain/content/digest.js';
import type { LinkedName } from '../../domain/repository/linked-name.js';
import type { RepositoryName } from '../../domain/repository/repository-name.js';
import type { LinkValue, NameJournal, PushedBytes } from '../ports/metadata/name-journal.js';
import type { LinkStore, WrittenLink } from '../ports/storage/link-store.js';

/**
 * Makes the link say what the database says. It looks again after it has written: another process may have written the
 * older of two values over the newer one.
 * @param content of a layer, to be written with it
 * @returns what was written; undefined when the link is gone
 */
export async function writeLatestLink(
  journal: NameJournal,
  links: LinkStore,
  name: LinkedName,
  content: Pick<WrittenLink, 'bytes' | 'durably'> = {},
): Promise<LinkValue | undefined> {
  let value = await journal.value(name);
  for (;;) {
    await links.write({ name, value, ...content });
    const latest = await journal.value(name);
    if (isSame(value, latest)) return value;
    value = latest;
  }
}

/** The same of a small blob that was pushed just now, which is there still in all likelihood: it is looked for once. */
export async function writePushedLink(
  journal: NameJournal,
  links: LinkStore,
  { repository, digest }: { readonly repository: RepositoryName; readonly digest: Digest },
  pushed: PushedBytes,
): Promise<LinkValue | undefined> {
  const name = { kind: 'layer', repository, digest } as const;
  const value = { target: digest };
  const { bytes } = pushed;
  await links.write({ name, value, bytes });
  return (await journal.isLinked(pushed)) ? value : writeLatestLink(journal, links, name, { bytes });
}

function isSame(one: LinkValue | undefined, other: LinkValue | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.target.equals(other.target) && one.manifest?.mediaType === other.manifest?.mediaType;
}
