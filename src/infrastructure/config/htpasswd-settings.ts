import type { Schema } from 'convict';
import { formats } from './formats.js';
import { setting } from './setting.js';
import type { ValueFormat } from './value-format.js';

/** The values of the keys below `auth.htpasswd`. */
export interface HtpasswdSettings {
  readonly realm: string | null;
  readonly path: string | null;
}

/** It stands in a header of every refusal. */
const realm: ValueFormat<string> = {
  ...formats.text,
  expected: 'text on one line',
  // oxlint-disable-next-line no-control-regex
  holds: (value) => typeof value === 'string' && /^[^\u0000-\u001f\u007f]+$/.test(value),
};

/** The keys below `auth.htpasswd`. */
export const htpasswdSettings: Schema<HtpasswdSettings> = {
  realm: setting<string | null>(
    realm,
    null,
    'What clients are told that they sign in to. With it and `path`, nobody does anything without a password.',
    { otherwise: 'none; it must be set with `path`', example: 'Registry' },
  ),
  path: setting<string | null>(
    { ...formats.text, expected: 'a path' },
    null,
    'The file of users and their passwords, hashed by bcrypt. `stowage htpasswd add` makes it; a change counts within a second.',
    { otherwise: 'none; it must be set with `realm`', example: '/etc/stowage/htpasswd' },
  ),
};
