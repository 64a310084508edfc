import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { COLLECTION_MUTATIONS } from '../mutations/collection-mutations.js';
import { mutate } from '../mutations/mutate.js';
import { WAITING_MUTATIONS } from '../mutations/waiting-mutations.js';

const SOURCES = join(import.meta.dirname, '../../src');

it.each(
  [...COLLECTION_MUTATIONS, ...WAITING_MUTATIONS].map((mutation) => [mutation.name, mutation] as const),
)('the program still has what a mutation takes out: %s', (_name, mutation) => {
  const source = readFileSync(join(SOURCES, mutation.file), 'utf8');
  expect(mutate(source, mutation)).not.toBe(source);
});
