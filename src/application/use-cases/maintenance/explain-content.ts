import { Digest } from '../../../domain/content/digest.js';
import type { Reference } from '../../../domain/manifest/reference.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { ContentHolders, Holder, Some, StoredContent } from '../../ports/metadata/content-holders.js';
import type { ManifestIndex } from '../../ports/metadata/manifest-index.js';
import type { TreeAdoption } from '../../ports/metadata/tree-adoption.js';
import type { Clock } from '../../ports/system/clock.js';
import {
  goesFrom,
  isKept,
  type BytesFate,
  type CollectionPolicy,
  type ContentExplanation,
  type HolderExplanation,
  type Verdict,
} from '../../services/content-explanation.js';
import { HolderExplainer, reviewOf } from '../../services/holder-explainer.js';

/** Repositories of which an explanation tells, and of which it knows. */
const SHOWN = 20;
const EXAMINED = 1_000;
const PAGE = 100;
/** Names and things that hold the bytes, of which it tells. */
const NAMED = 5;

/** What is asked about: a digest in the whole registry, or what a repository has under a digest or a tag. */
export type ContentReference =
  | { readonly repository: undefined; readonly reference: Digest }
  | { readonly repository: RepositoryName; readonly reference: Reference };

/** What is known of the repositories that have a digest. */
interface Holding {
  readonly holders: Some<HolderExplanation>;
  readonly kept: boolean;
  /** Whether there are too many of them. */
  readonly unexamined: boolean;
  /** When the last of the names goes that were asked for; undefined when there is none. */
  readonly goFrom: number | undefined;
  /** Whether repositories have it that were not asked for. */
  readonly elsewhere: boolean;
}

const NONE = { items: [], more: false } as const;
const NOBODY: Holding = {
  holders: NONE,
  kept: false,
  unexamined: false,
  goFrom: undefined,
  elsewhere: false,
};

/** Says why a digest is kept, or when and why it goes. Changes nothing. */
export class ExplainContent {
  readonly #holders: ContentHolders;
  readonly #manifests: ManifestIndex;
  readonly #adoption: TreeAdoption;
  readonly #explainer: HolderExplainer;
  readonly #clock: Clock;
  readonly #policy: CollectionPolicy;

  constructor(
    holders: ContentHolders,
    manifests: ManifestIndex,
    adoption: TreeAdoption,
    clock: Clock,
    policy: CollectionPolicy,
  ) {
    this.#holders = holders;
    this.#manifests = manifests;
    this.#adoption = adoption;
    this.#explainer = new HolderExplainer(holders, policy);
    this.#clock = clock;
    this.#policy = policy;
  }

  /** Undefined when the repository has no such tag. */
  async execute({ repository, reference }: ContentReference): Promise<ContentExplanation | undefined> {
    if (reference instanceof Digest) return this.#explain(reference, repository);
    const manifest = repository && (await this.#manifests.find(repository, reference));
    return manifest && this.#explain(manifest.digest, repository);
  }

  async #explain(digest: Digest, repository: RepositoryName | undefined): Promise<ContentExplanation> {
    const now = this.#clock.now();
    const content = await this.#holders.content(digest);
    const holding = content === undefined ? NOBODY : await this.#holding(digest, repository, now);
    const adoption = await this.#adoption.progress();
    const unreadable = await this.#holders.unreadableAbout(digest, NAMED);
    const bytes = bytesOf(content, holding, unreadable.items.length > 0);
    return {
      digest,
      repository,
      now,
      ...verdictOf(bytes, holding),
      content,
      holders: holding.holders,
      unexamined: holding.unexamined,
      bytes,
      pending: await this.#holders.pending(digest, NAMED),
      unreadable,
      adopting: adoption !== undefined && adoption.finishedAt === undefined,
      policy: this.#policy,
    };
  }

  /** Of one repository when it has the digest; otherwise of those that have it. */
  async #holding(digest: Digest, repository: RepositoryName | undefined, now: number): Promise<Holding> {
    const asked = repository && (await this.#holders.holder(repository, digest));
    if (asked === undefined) return this.#everywhere(digest, now);
    const holder = await this.#explainer.explain(digest, asked, now);
    const others = (await this.#holders.holders(digest, 0, 2)).filter(({ row }) => row !== asked.row);
    const [kept, elsewhere] = [isKept(holder), others.length > 0];
    const holders = { items: [holder], more: elsewhere };
    return { holders, kept, unexamined: false, goFrom: lastGoes(holder), elsewhere };
  }

  /** Looks at one after the other until enough is shown and one keeps it. */
  async #everywhere(digest: Digest, now: number): Promise<Holding> {
    const shown: HolderExplanation[] = [];
    let [examined, kept, goFrom] = [0, false, 0];
    for await (const found of this.#all(digest)) {
      if (kept && shown.length >= SHOWN) break;
      if (examined === EXAMINED) {
        return { ...NOBODY, holders: { items: shown, more: true }, kept: true, unexamined: true };
      }
      const holder = await this.#explainer.explain(digest, found, now);
      examined += 1;
      if (shown.length < SHOWN || isKept(holder)) shown.push(holder);
      kept ||= isKept(holder);
      goFrom = Math.max(goFrom, lastGoes(holder) ?? 0);
    }
    if (examined === 0) return NOBODY;
    const more = (await this.#holders.holders(digest, 0, shown.length + 1)).length > shown.length;
    return { ...NOBODY, holders: { items: shown, more }, kept, goFrom };
  }

  async *#all(digest: Digest): AsyncGenerator<Holder> {
    for (let after = 0; ;) {
      const page = await this.#holders.holders(digest, after, PAGE);
      yield* page;
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.row;
    }
  }
}

/** When the last of its names goes; undefined when none does. */
function lastGoes({ link, manifest }: HolderExplanation): number | undefined {
  const times = [link, manifest].flatMap((name) => (name && goesFrom(name.fate)) ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

function bytesOf(
  content: StoredContent | undefined,
  { kept, elsewhere, goFrom }: Holding,
  isUnreadable: boolean,
): BytesFate {
  if (content === undefined) return { kind: 'absent' };
  if (content.state === 'condemned') return { kind: 'removing', until: content.claimedUntil };
  if (kept || elsewhere) return { kind: 'held' };
  if (isUnreadable) return { kind: 'unreadable' };
  const review = reviewOf(content.reviewAfter);
  if (goFrom === undefined) return review;
  // The name that goes last makes its content due, if that is not due later.
  return { kind: 'goes', from: review.kind === 'goes' ? Math.max(goFrom, review.from) : goFrom };
}

function verdictOf(
  bytes: BytesFate,
  { kept, goFrom }: Holding,
): { readonly verdict: Verdict; readonly goesFrom: number | undefined } {
  if (bytes.kind === 'absent') return { verdict: 'unknown', goesFrom: undefined };
  if (bytes.kind === 'removing') return { verdict: 'being-removed', goesFrom: undefined };
  if (!kept && goFrom !== undefined) return { verdict: 'goes', goesFrom: goFrom };
  return bytes.kind === 'goes'
    ? { verdict: 'goes', goesFrom: bytes.from }
    : { verdict: 'kept', goesFrom: undefined };
}
