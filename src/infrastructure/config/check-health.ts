import type { Collected } from './collect-settings.js';
import type { HealthConfig } from './health-config.js';
import { shownUri } from './health-formats.js';
import { placeOf } from './source-node.js';

type Lists = Pick<HealthConfig, 'file' | 'http' | 'tcp'>;

/** How checks are known in `/debug/health`: by what they look at. */
export const nameOfCheck: { readonly [Kind in keyof Lists]: (check: Lists[Kind][number]) => string } = {
  file: ({ file }) => file,
  http: ({ uri }) => shownUri(uri),
  tcp: ({ addr }) => addr.written,
};

/** Two checks of one name could not be told apart where they are shown. */
export function healthProblems(collected: Collected): string[] {
  const seen = new Map<string, string>();
  const problems: string[] = [];
  for (const [name, where] of named(collected)) {
    const first = seen.get(name);
    if (first === undefined) seen.set(name, where);
    else problems.push(`health has two checks of ${JSON.stringify(name)}: ${first} and ${where}. Keep one.`);
  }
  return problems;
}

function* named({ values }: Collected): Generator<readonly [name: string, where: string]> {
  const listed = (kind: keyof Lists): unknown => values.get(`health.${kind}`)?.value ?? [];
  const names = {
    file: (listed('file') as Lists['file']).map((check) => nameOfCheck.file(check)),
    http: (listed('http') as Lists['http']).map((check) => nameOfCheck.http(check)),
    tcp: (listed('tcp') as Lists['tcp']).map((check) => nameOfCheck.tcp(check)),
  };
  for (const [kind, ofKind] of Object.entries(names)) {
    const set = values.get(`health.${kind}`);
    for (const [index, name] of ofKind.entries()) {
      const origin = set?.entries?.get(String(index)) ?? set?.origin ?? { kind: 'default' };
      yield [name, `health.${kind}[${index}] (${placeOf(origin)})`];
    }
  }
}
