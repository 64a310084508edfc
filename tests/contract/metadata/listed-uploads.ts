import type { ListedUpload, UploadPage } from '../../../src/application/ports/metadata/upload-sessions.js';

export const idsOf = (listed: readonly ListedUpload[]): string[] =>
  listed.map(({ session }) => session.id.toString());

/** The ids of all pages of `limit`, one after the other. */
export async function pages(
  limit: number,
  read: (page: UploadPage) => Promise<readonly ListedUpload[]>,
): Promise<string[]> {
  const found: string[] = [];
  let after: ListedUpload | undefined;
  for (;;) {
    const page = await read({ after, limit });
    found.push(...idsOf(page));
    after = page.at(-1);
    if (page.length < limit) return found;
  }
}
