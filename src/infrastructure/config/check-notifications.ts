import type { Collected } from './collect-settings.js';
import type { WrittenEndpoint } from './notification-config.js';
import { placeOf } from './source-node.js';

const KEY = 'notifications.endpoints';

/** Two endpoints of one name could not be told apart, and one that is switched on must be somewhere. */
export function notificationProblems({ values }: Collected): string[] {
  const set = values.get(KEY);
  const endpoints = (set?.value ?? []) as readonly WrittenEndpoint[];
  const seen = new Map<string, string>();
  return endpoints.flatMap(({ name, url, disabled }, index) => {
    const origin = set?.entries?.get(String(index)) ?? set?.origin ?? { kind: 'default' };
    const where = `${KEY}[${index}] (${placeOf(origin)})`;
    const first = seen.get(name);
    if (first !== undefined) {
      return [
        `notifications has two endpoints of the name ${JSON.stringify(name)}: ${first} and ${where}. Give one of them another name.`,
      ];
    }
    seen.set(name, where);
    if (disabled || url !== '') return [];
    return [
      `${KEY}[${index}].url (${placeOf(origin)}) is missing: it must be given, unless disabled is true.`,
    ];
  });
}
