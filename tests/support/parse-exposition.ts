interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric as a scrape has it: its samples stand under their own names, as `…_bucket`. */
export interface ExposedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

const COMMENT = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/;
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy;
const SUFFIXES: Readonly<Record<string, RegExp>> = {
  histogram: /^(_bucket|_sum|_count)$/,
  summary: /^(|_sum|_count)$/,
};

/**
 * Reads Prometheus' text format 0.0.4.
 * @throws Error at what Prometheus would not take: a line of no form, a sample without HELP and TYPE before it, or one
 * that comes twice
 */
export function parseExposition(text: string): readonly ExposedMetric[] {
  const metrics: Growing[] = [];
  const seen = new Set<string>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    if (readComment(line, metrics)) continue;
    const sample = parseSample(line);
    const metric = metrics.at(-1);
    if (metric === undefined || !belongs(sample, metric)) throw new Error(`no HELP and TYPE before: ${line}`);
    const labels = Object.entries(sample.labels).map((pair) => pair.join('='));
    const key = JSON.stringify([sample.name, labels.toSorted((a, b) => (a < b ? -1 : 1))]);
    if (seen.has(key)) throw new Error(`twice: ${line}`);
    seen.add(key);
    metric.samples.push(sample);
  }
  return metrics;
}

type Growing = ExposedMetric & { type: string; readonly samples: Sample[] };

/** HELP begins a metric, and its TYPE must follow. */
function readComment(line: string, metrics: Growing[]): boolean {
  const [, what, name = '', rest = ''] = COMMENT.exec(line) ?? [];
  const last = metrics.at(-1);
  if (what === 'HELP') {
    if (metrics.some((metric) => metric.name === name)) throw new Error(`${name} is there twice`);
    metrics.push({ name, help: rest, type: '', samples: [] });
  } else if (what === 'TYPE' && last?.name === name) {
    last.type = rest;
  }
  return what === 'HELP' || (what === 'TYPE' && last?.name === name);
}

function belongs(sample: Sample, { name, type }: ExposedMetric): boolean {
  return (
    type !== '' &&
    sample.name.startsWith(name) &&
    (SUFFIXES[type] ?? /^$/).test(sample.name.slice(name.length))
  );
}

function parseSample(line: string): Sample {
  const [, name, labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  const isNoNumber = /^nan$/i.test(value);
  const number = value === '+Inf' ? Infinity : Number(value);
  if (name === undefined || (Number.isNaN(number) && !isNoNumber)) throw new Error(`no sample: ${line}`);
  const found = [...labels.matchAll(LABEL)];
  if (found.map(([all]) => all).join('') !== labels) throw new Error(`labels of no form: ${line}`);
  return {
    name,
    value: number,
    labels: Object.fromEntries(found.map(([, key = '', text = '']) => [key, text])),
  };
}
