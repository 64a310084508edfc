import { describe, expect, it } from 'vitest';
import { SingleInstance } from '../../../src/infrastructure/system/single-instance.js';

const OTHER = Buffer.alloc(16, 7);

describe('a process that shares no folder', () => {
  it('is alive, unlike any other, when others can only have been before it', () => {
    const instances = new SingleInstance(false);
    expect(instances.isAlive(instances.own)).toBe(true);
    expect(instances.isAlive(OTHER)).toBe(false);
    expect(instances.deadOnes()).toEqual([]);
  });

  it('takes over nothing of others where it only reads', () => {
    const instances = new SingleInstance(true);
    expect(instances.isAlive(OTHER)).toBe(true);
    expect(instances.deadOnes()).toEqual([]);
  });

  it('has an id of its own', () => {
    const [one, other] = [new SingleInstance(false), new SingleInstance(false)];
    expect(one.own).toHaveLength(16);
    expect(one.own.equals(other.own)).toBe(false);
  });
});
