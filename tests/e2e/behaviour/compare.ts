import { OUTCOME, type Observed } from './observe.js';

/** A difference between the answers to one request. */
export interface Difference {
  /** `group: title` of the request. */
  readonly at: string;
  /** What differs: `status`, `header etag`, `body`. */
  readonly what: string;
  readonly reference: string;
  readonly stowage: string;
}

/** A header that is not there, a body without a code. */
export const NOTHING = '(none)';

/** A difference that is wanted. Texts are compared whole. */
export interface Wanted {
  /** Where docs/migrating.md has the reason: the word in the first column of its table. */
  readonly reason: string;
  readonly what: string;
  readonly reference: string | RegExp;
  readonly stowage: string | RegExp;
  /** The requests, as `group: title`; `*` stands for any text. */
  readonly at: readonly string[];
}

/** They are compared whatever else differs. */
const OF_EACH = new Set(['header x-request-id', 'header docker-distribution-api-version', 'header allow']);
/** They follow from the body, and bodies of answers of another kind are of another kind. */
const OF_BODIES = new Set(['header content-type', 'header content-length']);

export function differencesOf(
  reference: ReadonlyMap<string, Observed>,
  stowage: ReadonlyMap<string, Observed>,
): readonly Difference[] {
  return [...reference].flatMap(([at, theirs]) => {
    const ours = stowage.get(at) ?? new Map<string, string>();
    const names = [...new Set([...theirs.keys(), ...ours.keys()])];
    if (theirs.get(OUTCOME) === ours.get(OUTCOME)) return valuesOf(at, names, theirs, ours);
    const each = names.filter((name) => OF_EACH.has(name));
    const kinds = { reference: kindOf(theirs, ours), stowage: kindOf(ours, theirs) };
    return [{ at, what: OUTCOME, ...kinds }, ...valuesOf(at, each, theirs, ours)];
  });
}

function valuesOf(
  at: string,
  names: readonly string[],
  theirs: Observed,
  ours: Observed,
): readonly Difference[] {
  return names.flatMap((what): readonly Difference[] => {
    const [left, right] = [theirs.get(what) ?? NOTHING, ours.get(what) ?? NOTHING];
    return left === right ? [] : [{ at, what, reference: left, stowage: right }];
  });
}

/** The outcome, and the headers that the other answer does not have: `405 UNSUPPORTED +allow`. */
function kindOf(observed: Observed, other: Observed): string {
  const own = [...observed.keys()]
    .filter(
      (name) => name.startsWith('header ') && !other.has(name) && !OF_EACH.has(name) && !OF_BODIES.has(name),
    )
    .map((name) => `+${name.slice('header '.length)}`);
  return [observed.get(OUTCOME), ...own.toSorted()].join(' ');
}

export interface Verdict {
  /** Differences that nobody wants. */
  readonly unwanted: readonly Difference[];
  /** `reason, what: at` that no difference was found for. */
  readonly unused: readonly string[];
}

/** Each difference has to be wanted, and each that is wanted has to be there. */
export function judge(differences: readonly Difference[], wanted: readonly Wanted[]): Verdict {
  const used = new Set<string>();
  const unwanted = differences.filter((difference) => {
    const uses = wanted.flatMap((rule, index) =>
      rule.at.filter((at) => fits(rule, at, difference)).map((at) => `${index} ${at}`),
    );
    for (const use of uses) used.add(use);
    return uses.length === 0;
  });
  const unused = wanted.flatMap((rule, index) =>
    rule.at.filter((at) => !used.has(`${index} ${at}`)).map((at) => `${rule.reason}, ${rule.what}: ${at}`),
  );
  return { unwanted, unused };
}

function fits(rule: Wanted, at: string, difference: Difference): boolean {
  return (
    rule.what === difference.what &&
    isAt(at, difference.at) &&
    isValue(rule.reference, difference.reference) &&
    isValue(rule.stowage, difference.stowage)
  );
}

/** `*` stands for any text. */
function isAt(at: string, request: string): boolean {
  if (!at.includes('*')) return at === request;
  return new RegExp(`^${at.split('*').map(escaped).join('.*')}$`).test(request);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function isValue(wanted: string | RegExp, value: string): boolean {
  return typeof wanted === 'string' ? wanted === value : wanted.test(value);
}
