interface Frame {
  readonly functionName: string;
  readonly url: string;
  /** From 0 on. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** The parts of a `.cpuprofile` that tell where the time went. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: Frame;
  }[];
  /** The node of each sample, and how long (µs) it was there before the next. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  readonly name: string;
  /** File, line and column; empty for what the engine does itself. */
  readonly place: string;
  /** ms */
  readonly time: number;
}

/** When nothing is to be done. */
const IDLE = '(idle)';

/** The time that was spent in each function itself, without what it calls; most first, without idleness. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): readonly SelfTime[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const found = new Map<string, SelfTime>();
  for (const [at, id] of samples.entries()) {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === IDLE) continue;
    const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
    const place = placeOf(frame);
    const key = `${name} ${place}`;
    const time = (found.get(key)?.time ?? 0) + (timeDeltas[at] ?? 0) / 1e3;
    found.set(key, { name, place, time });
  }
  return [...found.values()].toSorted((a, b) => b.time - a.time);
}

/** ms in which the thread did something. */
export function busyTime(times: readonly SelfTime[]): number {
  return times.reduce((sum, { time }) => sum + time, 0);
}

/** Columns too: the built program has few lines. */
function placeOf({ url, lineNumber, columnNumber }: Frame): string {
  return url === '' ? '' : `${url.split('/').at(-1) ?? ''}:${lineNumber + 1}:${columnNumber + 1}`;
}
