export type Goal =
  | { readonly kind: 'ratio at least' | 'ratio at most'; readonly value: number }
  /** 'at least' and 'at most' are held against the median, 'never above' against the largest sample of both sides. */
  | { readonly kind: 'at least' | 'at most' | 'never above'; readonly value: number }
  /** By how much the largest sample of the subject may exceed the largest of the baseline. */
  | { readonly kind: 'largest higher by at most'; readonly value: number };

/** Samples of one side, in the order of the rounds. */
export interface Series {
  readonly name: string;
  readonly samples: readonly number[];
}

/** One line of the table. */
export interface Row {
  readonly title: string;
  readonly unit: string;
  readonly subject: Series;
  /** What the subject is divided by; undefined where there is nothing to compare with. */
  readonly baseline?: Series | undefined;
  readonly goal?: Goal | undefined;
  /** How much the registry had of something. Rows that differ in this alone stand in one line. */
  readonly size?: number;
}

/** The goal of a rate against the reference's; none where `least` is undefined: then it is for the record. */
export function ratioAtLeast(least: number | undefined): { readonly goal?: Goal } {
  return least === undefined ? {} : { goal: { kind: 'ratio at least', value: least } };
}

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Subject through baseline: the median of the rounds' own ratios, since the two sides of a round ran next to each other. */
export function ratioOf({ subject, baseline }: Row): number | undefined {
  if (baseline === undefined) return undefined;
  return median(subject.samples.map((sample, round) => sample / (baseline.samples[round] ?? Number.NaN)));
}

/** undefined where the row has no goal, or no reference registry to hold it against. */
export function isReached(row: Row): boolean | undefined {
  if (row.goal === undefined) return undefined;
  if (row.goal.kind === 'at least') return median(row.subject.samples) >= row.goal.value;
  if (row.goal.kind === 'at most') return median(row.subject.samples) <= row.goal.value;
  if (row.goal.kind === 'never above') {
    return Math.max(...row.subject.samples, ...(row.baseline?.samples ?? [])) <= row.goal.value;
  }
  if (row.goal.kind === 'largest higher by at most') {
    if (row.baseline === undefined) return undefined;
    return Math.max(...row.subject.samples) - Math.max(...row.baseline.samples) <= row.goal.value;
  }
  const ratio = ratioOf(row);
  if (ratio === undefined) return undefined;
  return row.goal.kind === 'ratio at least' ? ratio >= row.goal.value : ratio <= row.goal.value;
}
