import type { ConfigurationReport } from '../../application/ports/system/configuration-reader.js';
import { placeOf } from './source-node.js';

/** Where a key was set, as a sentence names it: `config.yml:12`. */
export function placeOfKey({ values }: ConfigurationReport, key: string): string {
  return placeOf(values.find((value) => value.key === key)?.origin ?? { kind: 'default' });
}
