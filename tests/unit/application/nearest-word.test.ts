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
    ['conf', 'config'],
    ['ver', undefined],
    ['sertificate', undefined],
    ['s'.repeat(100_000), undefined],
  ])('of "%s" is %s', (word, nearest) => {
    expect(nearestWord(word, ['serve', 'config', 'version'])).toBe(nearest);
  });

  it('is the only one that begins so, before one that looks more alike', () => {
    expect(nearestWord('tls_cert', ['tls_key', 'tls_certificate'])).toBe('tls_certificate');
    expect(nearestWord('tls_cer', ['tls_cert', 'tls_certificate'])).toBe('tls_cert');
  });
});
