import { redactText } from '../observability/redact.js';
import type { ListenAddress } from './config.js';
import { formatGoDuration, parseGoDuration } from './go-duration.js';
import { formatListenAddress, parseListenAddress } from './listen-address.js';
import { isNothing, type SourceNode } from './source-node.js';
import { type ValueFormat, ValueRefused } from './value-format.js';

interface Longest {
  readonly milliseconds: number;
  /** Ends "is longer than …". */
  readonly words: string;
}

/** What a timer of Node can wait at most: 24.8 days. */
export const LONGEST_TIMER: Longest = {
  milliseconds: 2_147_483_647,
  words: '24 days, the longest that can be waited for',
};

/** For what is not waited for at one go. */
export const LONGEST_OF_GO: Longest = {
  milliseconds: 9_223_372_036_854,
  words: '292 years, the longest that Go can say',
};

const text: ValueFormat<string> = {
  expected: 'text',
  read: (node) => scalarText(node, 'text'),
  holds: (value) => typeof value === 'string' && value !== '',
  show: (value) => value,
};

const boolean: ValueFormat<boolean> = {
  expected: 'true or false',
  read(node) {
    if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
    const inQuotes = node.kind === 'scalar' && node.quoted && /^(true|false|yes|no|on|off)$/i.test(node.text);
    throw new ValueRefused(
      inQuotes ? `must be true or false without quotes: in quotes it is text` : refused(node, this.expected),
    );
  },
  holds: (value) => typeof value === 'boolean',
  show: (value) => value,
};

const address: ValueFormat<ListenAddress> = {
  expected: 'an address: host:port, [IPv6]:port, or :port for every interface',
  read(node) {
    const written = scalarText(node, this.expected);
    const parsed = parseListenAddress(written);
    if (typeof parsed === 'string') throw new ValueRefused(`is ${quote(written)}, which ${parsed}`);
    return parsed;
  },
  holds: (value) => typeof value === 'object' && value !== null && 'port' in value,
  show: formatListenAddress,
};

/** The way to switch on what has no parameters: an empty value or an empty map. */
const presence: ValueFormat<boolean> = {
  expected: 'empty: it has no parameters',
  read(node) {
    if (isNothing(node) || (node.kind === 'map' && node.entries.size === 0)) return true;
    throw new ValueRefused(`must be ${this.expected}`);
  },
  holds: (value) => typeof value === 'boolean',
  show: (value) => (value ? {} : undefined),
};

function oneOf<T extends string>(...words: readonly T[]): ValueFormat<T> {
  const expected =
    words.length === 1 ? String(words[0]) : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  return {
    expected,
    read(node) {
      const written = scalarText(node, expected).toLowerCase();
      const word = words.find((candidate) => candidate.toLowerCase() === written);
      if (word === undefined) throw new ValueRefused(refused(node, expected));
      return word;
    },
    holds: (value) => words.some((word) => word === value),
    show: (value) => value,
  };
}

/** A whole number from `least` upwards. */
function integer(least = Number.MIN_SAFE_INTEGER): ValueFormat<number> {
  const expected = least === Number.MIN_SAFE_INTEGER ? 'a whole number' : `a whole number, ${least} or more`;
  const holds = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= least;
  return {
    expected,
    read(node) {
      if (node.kind === 'scalar' && holds(node.value)) return node.value;
      throw new ValueRefused(refused(node, expected));
    },
    holds,
    show: (value) => value,
  };
}

/** Milliseconds, from `least` (0 or 1) to `longest`. */
function duration(least: 0 | 1, longest = LONGEST_TIMER): ValueFormat<number> {
  const expected = `a duration such as 10s, 1m30s or 250ms${least === 0 ? ', or 0' : ''}`;
  return {
    expected,
    read(node) {
      const milliseconds = parseGoDuration(scalarText(node, expected));
      if (milliseconds === undefined || milliseconds < 0) throw new ValueRefused(refused(node, expected));
      if (milliseconds > longest.milliseconds) throw new ValueRefused(`is longer than ${longest.words}`);
      if (milliseconds < 1 && (least > 0 || milliseconds > 0))
        throw new ValueRefused(tooShort(node, expected));
      return milliseconds;
    },
    holds: (value) => typeof value === 'number' && value >= least && value <= longest.milliseconds,
    show: formatGoDuration,
  };
}

function tooShort(node: SourceNode, expected: string): string {
  const written = scalarText(node, expected);
  if (!/^\+?[1-9]\d*$/.test(written))
    return `is ${quote(written)}, which is too short: it must be 1ms or more`;
  return `is ${written}, and a number without a unit means nanoseconds: write ${written}s for seconds`;
}

function scalarText(node: SourceNode, expected: string): string {
  if (node.kind !== 'scalar' || node.value === null) throw new ValueRefused(refused(node, expected));
  return node.text;
}

function refused(node: SourceNode, expected: string): string {
  if (node.kind === 'list') return `must be ${expected}, but is a list`;
  if (node.kind === 'map') return `must be ${expected}, but has keys of its own`;
  const found = node.quoted ? `the text ${quote(node.text)}` : quote(node.text);
  return `must be ${expected}, but is ${node.value === null ? 'empty' : found}`;
}

/** As a sentence repeats it: short, and without the credentials that a URL has. */
export function quote(written: string): string {
  const shown = redactText(written);
  return JSON.stringify(shown.length > 80 ? `${shown.slice(0, 80)}…` : shown);
}

/** The formats of single values; strict, where convict's own would take `80a` for a port and `no` for true. */
export const formats = { text, boolean, address, presence, oneOf, integer, duration } as const;
