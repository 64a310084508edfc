import { describe, expect, it } from 'vitest';
import type { Row } from '../../../benchmarks/measures/row.js';
import { tables } from '../../../benchmarks/report/table.js';

function rowOf(title: string, size: number, samples: readonly number[], isHeldFlat = true): Row {
  return {
    title,
    unit: 'µs CPU',
    size,
    baseline: { name: '100', samples: [10, 10] },
    subject: { name: String(size), samples },
    goal: isHeldFlat ? { kind: 'ratio at most', value: 1.5 } : undefined,
  };
}

describe('the table of sizes', () => {
  it('has a line for each operation, with ratios to the smallest, and marks what is not flat', () => {
    const rows = [
      rowOf('GET', 1000, [11, 12]),
      rowOf('GET', 10_000, [14, 15]),
      rowOf('DELETE', 1000, [10, 10]),
      rowOf('DELETE', 10_000, [20, 22]),
      rowOf('cold', 1000, [16, 16], false),
    ];
    expect(
      tables(rows)
        .split('\n')
        .map((line) => line.replaceAll(/ +/g, ' ')),
    ).toEqual([
      '| | unit | 100 | 1000 | 10000 | flat |',
      '| ------ | ------ | ---- | --------------- | --------------- | ------ |',
      '| GET | µs CPU | 10.0 | 11.5 (1.15) | 14.5 (1.45) | yes |',
      '| DELETE | µs CPU | 10.0 | 10.0 (1.00) | **21.0 (2.10)** | **no** |',
      '| cold | µs CPU | 10.0 | **16.0 (1.60)** | | |',
    ]);
  });
});
