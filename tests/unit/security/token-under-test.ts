import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Access, Action } from '../../../src/domain/access/access.js';
import type { Principal } from '../../../src/domain/access/principal.js';
import { Unauthorized } from '../../../src/domain/access/unauthorized.js';
import type { Credentials } from '../../../src/application/ports/security/authenticator.js';
import { TokenAuthenticator } from '../../../src/infrastructure/security/token/token-authenticator.js';
import {
  SIGNING_ALGORITHMS,
  type TokenOptions,
} from '../../../src/infrastructure/security/token/token-options.js';
import { ManualClock } from '../../support/fakes.js';
import { RecordingLogger } from '../observability/recording-logger.js';

export const OPTIONS: TokenOptions = {
  realm: 'https://auth.example/token',
  service: 'registry.example',
  issuer: 'auth.example',
  rootcertbundle: undefined,
  jwks: undefined,
  autoredirect: false,
  autoredirectpath: '/auth/token',
  signingalgorithms: SIGNING_ALGORITHMS,
};

export function credentials(authorization?: string, over: Partial<Credentials> = {}): Credentials {
  return { authorization, address: '127.0.0.1', host: undefined, forwardedProto: undefined, ...over };
}

export function access(name: string, ...actions: readonly Action[]): Access[] {
  return actions.map((action) => ({ type: 'repository', name, action }));
}

/** An authenticator with files of its own, and a clock that begins now. */
export class TokenUnderTest {
  readonly clock = new ManualClock(Date.now());
  readonly logger = new RecordingLogger();
  readonly authenticator: TokenAuthenticator;

  /** @param former what it takes the place of */
  constructor(options: Partial<TokenOptions>, former?: TokenUnderTest) {
    this.authenticator = new TokenAuthenticator(
      { ...OPTIONS, ...options },
      this.clock,
      this.logger,
      former?.authenticator,
    );
  }

  async principal(token: string, ...wanted: readonly Access[]): Promise<Principal> {
    return this.authenticator.authenticate(credentials(`Bearer ${token}`), wanted);
  }

  /** `ok`, or why not: what stands in `error` of the challenge. */
  async verdict(token: string, ...wanted: readonly Access[]): Promise<string> {
    return this.verdictOf(credentials(`Bearer ${token}`), wanted);
  }

  async verdictOf(shown: Credentials, wanted: readonly Access[] = []): Promise<string> {
    try {
      await this.authenticator.authenticate(shown, wanted);
      return 'ok';
    } catch (error) {
      if (!(error instanceof Unauthorized)) throw error;
      return /,error="(\w+)"$/.exec(error.challenge)?.[1] ?? 'none';
    }
  }
}

/** @returns the path */
export function written(folder: string, name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
