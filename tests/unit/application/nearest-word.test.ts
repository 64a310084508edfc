import { describe, expect, it } from 'vitest';
import { nearestWord } from '../../../src/application/services/nearest-word.js';

describe('nearestWord', () => {
  it.each([
    ['serv', 'serve'],
    ['sreve', 'serve'],
    ['SERVE', 'serve'],
    ['confg', 'config'],
    ['versoin', 'version'],
    ['x', undefined],
    ['', undefined],
    ['gc', undefined],
    ['sertificate', undefined],
    ['s'.repeat(100_000), undefined],
  ])('of "%s" is %s', (word, nearest) => {
    expect(nearestWord(word, ['serve', 'config', 'version'])).toBe(nearest);
  });
});
