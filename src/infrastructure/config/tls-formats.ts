import { nearestWord } from '../../application/services/nearest-word.js';
import { cipherSuites } from '../tls/cipher-suites.js';
import { isNothing, type SourceNode } from './source-node.js';
import { type ValueFormat, ValueRefused } from './value-format.js';

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');

const files: ValueFormat<readonly string[]> = {
  expected: 'a list of paths, as in [/etc/stowage/clients.crt]',
  read(node) {
    return textsOf(node, this.expected).map(([text]) => text);
  },
  holds: isTexts,
  show: (value) => value,
};

const suites: ValueFormat<readonly string[]> = {
  expected: `a list of these names: ${cipherSuites.names.join(', ')}`,
  read(node) {
    const names = textsOf(node, 'a list of names, as in [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]');
    for (const [name, item] of names) checkSuite(name, item);
    return names.map(([name]) => name);
  },
  holds: isTexts,
  show: (value) => value,
};

function checkSuite(name: string, item: SourceNode): void {
  if (cipherSuites.names.includes(name)) return;
  const written = JSON.stringify(name);
  if (cipherSuites.isGone(name))
    throw new ValueRefused(`has ${written}, which is no longer safe and not offered: remove it`, item.origin);
  const nearest = nearestWord(name, cipherSuites.names);
  const meant = nearest === undefined ? '' : ` (was ${nearest} meant?)`;
  throw new ValueRefused(
    `has ${written}, which is none of the cipher suites${meant}: ${cipherSuites.names.join(', ')}`,
    item.origin,
  );
}

function textsOf(node: SourceNode, expected: string): (readonly [string, SourceNode])[] {
  if (isNothing(node)) return [];
  if (node.kind !== 'list') throw new ValueRefused(`must be ${expected}`);
  return node.items.map((item) => {
    if (item.kind === 'scalar' && item.value !== null && item.text !== '') return [item.text, item] as const;
    throw new ValueRefused('has an item that is no text, or empty', item.origin);
  });
}

/** The formats of the keys below `http.tls`. */
export const tlsFormats = { files, suites } as const;
