import type { VerifyPassword } from './password-checks.js';

/** Works in threads of libuv's pool. */
export interface Bcrypt {
  readonly verify: VerifyPassword;
  /** The hash as `htpasswd -B` writes it: 2y means what the 2b of others does, and every program knows it. */
  hash(password: Buffer, cost: number): Promise<string>;
}

/** Only for whoever needs it: it is a library of machine code. */
export async function loadBcrypt(): Promise<Bcrypt> {
  const { hash, verify } = await import('@node-rs/bcrypt');
  return {
    verify: (password, hashed) => verify(password, hashed),
    hash: (password, cost) => hash(password, { cost, version: '2y' }),
  };
}
