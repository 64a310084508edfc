/**
 * A secret that is found again: no two of them have a part in common, and it has the signs that each way of writing it
 * down changes.
 */
export function plant(name: string): string {
  return `pl4nted/${name.replaceAll(' ', '-')}+Zq=7`;
}

/** The ways in which a secret may get into a text. */
function formsOf(secret: string): ReadonlyMap<string, string> {
  return new Map([
    ['as it is', secret],
    ['in percent-encoding', encodeURIComponent(secret)],
    [
      'in lower-case percent-encoding',
      encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase()),
    ],
    ['in hex', Buffer.from(secret).toString('hex')],
    ...[0, 1, 2].map((shift) => [`in base64, ${shift} bytes on`, base64Within(secret, shift)] as const),
  ]);
}

/** What is the same in the base64 of any text in which the secret begins at such a byte (modulo 3). */
function base64Within(secret: string, shift: number): string {
  const encoded = Buffer.from('\0'.repeat(shift) + secret).toString('base64');
  return encoded.replaceAll('=', '').slice(shift === 0 ? 0 : shift + 1, -2);
}

/** Every planted secret that a text has, with the way in which it does: `http.secret in hex`. */
export function leaksIn(text: string, secrets: Readonly<Record<string, string>>): readonly string[] {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/');
  return Object.entries(secrets).flatMap(([name, secret]) =>
    [...formsOf(secret)]
      // base64 has two alphabets.
      .filter(
        ([, form]) => text.includes(form) || plain.includes(form.replaceAll('-', '+').replaceAll('_', '/')),
      )
      .map(([form]) => `${name} ${form}`),
  );
}
