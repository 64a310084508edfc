import { isNothing } from './source-node.js';
import { type ValueFormat, ValueRefused } from './value-format.js';

/** Beginnings of the header `User-Agent`. An empty one would be the beginning of all. */
const userAgents: ValueFormat<readonly string[]> = {
  expected: 'a list of beginnings of user agents, as in [curl/, my-client/1.]',
  read(node) {
    if (isNothing(node)) return [];
    if (node.kind !== 'list') throw new ValueRefused(`must be ${this.expected}`);
    return node.items.map((item) => {
      if (item.kind === 'scalar' && item.value !== null && item.text.trim() !== '') return item.text;
      throw new ValueRefused('has an item that is no text, or empty', item.origin);
    });
  },
  holds: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== ''),
  show: (value) => value,
};

/** The formats of values that are lists. */
export const listFormats = { userAgents } as const;
