import { describe, expect, it } from 'vitest';
import { CollectionPermit } from '../../../src/application/services/collection-permit.js';
import { ReadOnlyMode } from '../../../src/application/services/read-only-mode.js';

describe('the permit of collection', () => {
  const comparison = { ended: true };
  const others = { takeIn: false };
  const permit = (mode = new ReadOnlyMode()): CollectionPermit =>
    new CollectionPermit(comparison, mode, { othersTakeIn: () => others.takeIn });

  it('is there when nothing stands against it', () => {
    expect(permit().refusal).toBeUndefined();
  });

  it('is refused until the tree was compared, and while another process takes names in', () => {
    const asked = permit();
    comparison.ended = false;
    expect(asked.refusal).toContain('compared');
    comparison.ended = true;
    others.takeIn = true;
    expect(asked.refusal).toContain('another process');
    others.takeIn = false;
    expect(asked.refusal).toBeUndefined();
  });

  it('is refused while the registry is read-only', () => {
    const mode = new ReadOnlyMode();
    mode.enter('it is read-only');
    expect(permit(mode).refusal).toBe('it is read-only');
  });

  it('does not come back once it was suspended, and the first reason stands', () => {
    const asked = permit();
    asked.suspend('first');
    asked.suspend('second');
    expect(asked.refusal).toBe('first');
  });
});
