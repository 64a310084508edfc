import { describe, expect, it } from 'vitest';
import { TOKENS } from '../../src/container/tokens.js';
import { InProcessRegistry } from '../support/in-process-registry.js';

describe('the container', () => {
  it('can make everything it has a token for', async () => {
    const registry = await InProcessRegistry.start();
    try {
      const unmade: string[] = [];
      for (const [name, token] of Object.entries(TOKENS)) {
        try {
          await registry.container.getAsync<unknown>(token);
        } catch (error) {
          unmade.push(`${name}: ${String(error)}`);
        }
      }
      expect(unmade).toEqual([]);
    } finally {
      await registry.stop();
    }
  });
});
