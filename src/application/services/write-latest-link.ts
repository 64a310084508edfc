import type { LinkedName } from '../../domain/repository/linked-name.js';
import type { LinkValue, NameJournal } from '../ports/metadata/name-journal.js';
import type { LinkStore, WrittenLink } from '../ports/storage/link-store.js';

/**
 * Makes the link say what the database says. It looks again after it has written: another process may have written the
 * older of two values over the newer one.
 * @param content of a layer, to be written with it
 * @param expected what the database says in all likelihood; undefined: it is asked first
 * @returns what was written; undefined when the link is gone
 */
export async function writeLatestLink(
  journal: NameJournal,
  links: LinkStore,
  name: LinkedName,
  content: Pick<WrittenLink, 'bytes' | 'durably'> = {},
  expected?: LinkValue,
): Promise<LinkValue | undefined> {
  let value = expected ?? (await journal.value(name));
  for (;;) {
    await links.write({ name, value, ...content });
    const latest = await journal.value(name);
    if (isSame(value, latest)) return value;
    value = latest;
  }
}

function isSame(one: LinkValue | undefined, other: LinkValue | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.target.equals(other.target) && one.manifest?.mediaType === other.manifest?.mediaType;
}
