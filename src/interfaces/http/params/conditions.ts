/** The strong entity tag of content: its digest in quotes. */
export function entityTag(digest: string): string {
  return `"${digest}"`;
}

/** Whether If-None-Match names the content (RFC 9110 13.1.2); bare digests count too, as the reference has it. */
export function isNotModified(header: string | undefined, digest: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((candidate) => {
    const tag = candidate.trim().replace(/^W\//, '');
    return tag === entityTag(digest) || tag === digest;
  });
}

/** Whether a Range header counts: there is no If-Range, or it names this content strongly (RFC 9110 13.1.5). */
export function rangeApplies(ifRange: string | undefined, digest: string): boolean {
  return ifRange === undefined || ifRange.trim() === entityTag(digest);
}
