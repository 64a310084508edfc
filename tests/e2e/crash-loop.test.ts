import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { useRegistry } from '../support/use-registry.js';
import { differences } from './crash/after-crash.js';
import { Ledger } from './crash/ledger.js';
import { MixedLoad } from './crash/mixed-load.js';

/** Kills in a row whose acknowledgements are all checked after each. */
const ROUNDS = 20;
const ROUND_MS = 30_000;
const CLIENTS = 6;
/** `npm run soak` asks for hundreds of kills. */
const KILLS = Number(process.env['STOWAGE_KILLS'] ?? ROUNDS);

describe('kill -9 under mixed load', () => {
  const stage = useRegistry();
  const series = Array.from({ length: Math.ceil(KILLS / ROUNDS) }, (_, index) => index + 1);

  it.each(series)(
    'loses nothing that was acknowledged and leaves nothing half there, series %i',
    { timeout: ROUNDS * ROUND_MS },
    async (number) => {
      const { registry } = stage;
      const ledger = new Ledger();
      const loads = Array.from(
        { length: CLIENTS },
        (_, client) => new MixedLoad(registry.client, ledger, `crash/${number}/client-${client}`),
      );
      for (let round = 1; round <= ROUNDS; round += 1) {
        let killed = false;
        const running = Promise.all(loads.map(async (load) => load.run(() => killed)));
        // A load that ends before the kill has met a wrong answer, and throws it here.
        await Promise.race([sleep(200 + Math.random() * 1_000), running]);
        killed = true;
        await registry.kill9();
        await running;
        await registry.restart();
        expect(ledger.paths().length, `round ${round}: acknowledged`).toBeGreaterThan(0);
        expect(await differences(registry.client, ledger, loads), `round ${round}`).toEqual([]);
      }
    },
  );
});
