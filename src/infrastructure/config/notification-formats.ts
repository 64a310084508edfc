import { EVENT_ACTIONS, type EventAction } from '../../domain/events/registry-event.js';
import { formats } from './formats.js';
import { healthFormats } from './health-formats.js';
import type { WrittenEndpoint } from './notification-config.js';
import { isNothing, type SourceNode } from './source-node.js';
import { type ValueFormat, ValueRefused } from './value-format.js';

/** By it an endpoint is known in metrics, in the log and in the database. */
const NAME = /^\P{C}{1,100}$/u;

const name: ValueFormat<string> = {
  ...formats.text,
  expected: 'a name of 1 to 100 characters, none of them at its ends a blank',
  read(node) {
    const written = node.kind === 'scalar' && node.value !== null ? node.text : undefined;
    if (written === undefined || !this.holds(written)) throw new ValueRefused(`must be ${this.expected}`);
    return written;
  },
  holds: (value) => typeof value === 'string' && NAME.test(value) && value.trim() === value,
};

/** The value of a parameter, whose name may be any: webhooks have their keys there. */
const PARAMETER = /([?&][^=&#]*=)[^&#]*/g;

/** Of an endpoint that is switched off it may be missing. */
const url: ValueFormat<string> = {
  ...healthFormats.uri,
  holds: (value) => typeof value === 'string',
  show: (value) => healthFormats.uri.show(value.replace(PARAMETER, '$1***')),
};

/** 0 or less is the default, as in the reference registry. */
function countOr(byDefault: number): ValueFormat<number> {
  const count = formats.integer();
  return {
    ...count,
    read(node) {
      const value = count.read(node);
      return value <= 0 ? byDefault : value;
    },
  };
}

const mediaTypes: ValueFormat<readonly string[]> = {
  expected: 'a list of media types, as in [application/octet-stream]',
  read(node) {
    return textsOf(node, this.expected);
  },
  holds: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  show: (value) => value,
};

const ACTIONS = `a list of ${EVENT_ACTIONS.slice(0, -1).join(', ')} and ${EVENT_ACTIONS.at(-1)}`;

const actions: ValueFormat<readonly EventAction[]> = {
  expected: `${ACTIONS}, as in [pull]`,
  read(node) {
    return textsOf(node, this.expected).map((text) => {
      const action = EVENT_ACTIONS.find((each) => each === text);
      if (action === undefined) {
        throw new ValueRefused(`has ${JSON.stringify(text)}: it must be ${ACTIONS}`, node.origin);
      }
      return action;
    });
  },
  holds: (value) => Array.isArray(value),
  show: (value) => value,
};

const ignore: ValueFormat<WrittenEndpoint['ignore']> = {
  expected: 'a map with the keys mediatypes and actions, each a list',
  read(node) {
    if (node.kind !== 'map') throw new ValueRefused(`must be ${this.expected}`);
    for (const [key, { origin }] of node.entries) {
      if (key === 'mediatypes' || key === 'actions') continue;
      throw new ValueRefused(`has the key ${key}: the keys here are mediatypes, actions`, origin);
    }
    const listed = <T>(key: string, format: ValueFormat<readonly T[]>): readonly T[] => {
      const value = node.entries.get(key);
      return value === undefined ? [] : format.read(value);
    };
    return { mediatypes: listed('mediatypes', mediaTypes), actions: listed('actions', actions) };
  },
  holds: (value) => typeof value === 'object' && value !== null && 'actions' in value,
  show: (value) => value,
};

function textsOf(node: SourceNode, expected: string): readonly string[] {
  if (isNothing(node)) return [];
  if (node.kind !== 'list') throw new ValueRefused(`must be ${expected}`);
  return node.items.map((item) => {
    if (item.kind === 'scalar' && item.value !== null && item.text !== '') return item.text;
    throw new ValueRefused('has an item that is no text, or empty', item.origin);
  });
}

/** The formats of the keys below `notifications`. */
export const notificationFormats = { name, url, countOr, mediaTypes, ignore } as const;
