/** A quoted-string of a header (RFC 9110 5.6.4); other letters than ASCII's as bytes of UTF-8. */
export function quotedString(text: string): string {
  const escaped = text.replaceAll(/["\\]/g, String.raw`\$&`);
  return `"${Buffer.from(escaped).toString('latin1')}"`;
}
