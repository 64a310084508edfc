import { getCiphers } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { cipherSuites } from '../../../src/infrastructure/tls/cipher-suites.js';

const OF_13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const known = getCiphers();

describe('cipher suites', () => {
  it('each have a name that the OpenSSL of this Node knows', () => {
    for (const name of cipherSuites.names) {
      const chosen = cipherSuites.toOpenSsl([name]);
      expect(chosen.length, name).toBe(OF_13.includes(name) ? 3 : 4);
      for (const cipher of chosen) expect(known).toContain(cipher.toLowerCase());
    }
  });

  it('are those of the reference registry when none is chosen', () => {
    expect(cipherSuites.toOpenSsl([])).toEqual([
      ...OF_13,
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-RSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-CHACHA20-POLY1305',
      'ECDHE-RSA-CHACHA20-POLY1305',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
    ]);
  });
});
