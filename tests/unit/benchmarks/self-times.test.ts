import { describe, expect, it } from 'vitest';
import { busyTime, selfTimes } from '../../../benchmarks/report/self-times.js';

const frame = (functionName: string, url = '', lineNumber = 0, columnNumber = 0) => ({
  functionName,
  url,
  lineNumber,
  columnNumber,
});

const PROFILE = {
  nodes: [
    { id: 1, callFrame: frame('(root)') },
    { id: 2, callFrame: frame('(idle)') },
    { id: 3, callFrame: frame('serve', 'file:///dist/program/main.js', 4, 9) },
    { id: 4, callFrame: frame('', 'file:///dist/program/main.js', 4, 70) },
    // Called from elsewhere.
    { id: 5, callFrame: frame('serve', 'file:///dist/program/main.js', 4, 9) },
    { id: 6, callFrame: frame('writev') },
  ],
  samples: [3, 2, 4, 5, 6, 3],
  timeDeltas: [1000, 50_000, 250, 2000, 500, 1000],
};

describe('self times of a profile', () => {
  it('are added up for each function, wherever it was called, without idleness', () => {
    expect(selfTimes(PROFILE)).toEqual([
      { name: 'serve', place: 'main.js:5:10', time: 4 },
      { name: 'writev', place: '', time: 0.5 },
      { name: '(anonymous)', place: 'main.js:5:71', time: 0.25 },
    ]);
    expect(busyTime(selfTimes(PROFILE))).toBe(4.75);
  });
});
