/** One change that takes a step of the protocol of collection out, or weakens it. */
export interface Mutation {
  readonly name: string;
  /** Below src/. */
  readonly file: string;
  /** Texts that occur once in the file, and what stands there instead. */
  readonly changes: readonly (readonly [from: string, to: string])[];
  /** Why no test can fail; without it one has to. */
  readonly harmless?: string;
  /** Those that have to notice, where it is not for those of collection. */
  readonly tests?: readonly string[];
}

const BLOB_COMMIT = 'application/services/blob-commit.ts';
const REMOVAL = 'application/services/content-removal.ts';
const NAMES = 'application/services/name-collection.ts';
const BLOB_INDEX = 'infrastructure/metadata/sqlite/sqlite-blob-index.ts';
const CONTENT_ROWS = 'infrastructure/metadata/sqlite/content-rows.ts';
const LOOKS = 'infrastructure/metadata/sqlite/collection-looks.ts';
const REACH = 'domain/lifecycle/manifest-reach.ts';
const REVIEWS = 'infrastructure/metadata/sqlite/sqlite-reviews.ts';
const CONTENTS = 'infrastructure/metadata/sqlite/sqlite-content-removals.ts';
const MANIFEST_REMOVAL = 'infrastructure/metadata/sqlite/manifest-removal.ts';
const DEPARTED = 'infrastructure/metadata/sqlite/departed-subjects.ts';
const REMOVAL_STATEMENTS = 'infrastructure/metadata/sql/removal-statements.ts';

const CLAIMED = `      .where('id', '=', id)
      .where('state', '=', CONTENT_STATE.condemned)
      .where('claim', '=', claim),
  ),
`;
const NOT_CLAIMED = `      .where('id', '=', id)
      .where('state', '=', CONTENT_STATE.condemned)
      .where(sql<boolean>\`\${claim} is not null\`),
  ),
`;

const PUSH: readonly Mutation[] = [
  {
    name: 'a push places before it reserves',
    file: BLOB_COMMIT,
    changes: [
      [
        '    const reservation = await while',
        '    await this.#place(upload);\n    const reservation = await while',
      ],
      ["=== 'reserved') {\n      await this.#place(upload);", "=== 'reserved') {"],
    ],
  },
  {
    name: 'the commit takes whatever life of the digest there is',
    file: BLOB_INDEX,
    changes: [
      [
        'if (!this.#contents.markPresent(contentId, push.blob.size)) return undefined;',
        'contentId = this.#contents.find(push.blob.digest) ?? contentId;\n      if (!this.#contents.markPresent(contentId, push.blob.size)) return undefined;',
      ],
    ],
  },
  {
    name: 'a reserved digest is adopted',
    file: CONTENT_ROWS,
    changes: [['if (state === CONTENT_STATE.present && unverified === 0)', 'if (unverified === 0)']],
  },
  {
    name: 'a push takes a condemned digest back',
    file: CONTENT_ROWS,
    changes: [
      [
        "if (state === CONTENT_STATE.condemned) return { id, was: 'condemned' }",
        "if (state === CONTENT_STATE.condemned) return { id, was: 'unplaced' }",
      ],
      [
        'known === undefined || known.state === CONTENT_STATE.condemned) return false',
        'known === undefined) return false',
      ],
      [
        'known.state === CONTENT_STATE.reserved || known.unverified === 1) this',
        'known.state !== CONTENT_STATE.present || known.unverified === 1) this',
      ],
    ],
  },
  {
    name: 'a reservation has no review',
    file: CONTENT_ROWS,
    changes: [
      ['insert(key, size, stateOfNew, until)', 'insert(key, size, stateOfNew, null as unknown as number)'],
    ],
  },
  {
    name: 'the grace counts from before the push waited',
    file: BLOB_COMMIT,
    changes: [
      [
        'const push = (): BlobPush => ({ ...upload, events, now: this.#clock.now() });',
        'const now = this.#clock.now();\n    const push = (): BlobPush => ({ ...upload, events, now });',
      ],
    ],
  },
  {
    name: 'a push does not go on with the removal of a dead worker',
    file: 'application/services/while-condemned.ts',
    changes: [['    await removals.finish(digest);\n', '']],
  },
];

const CLIENTS: readonly Mutation[] = [
  {
    name: 'a HEAD renews nothing',
    file: 'application/use-cases/blob/stat-blob.ts',
    changes: [['if (this.#grace.needsRenewal(link.reviewAfter, now))', 'if (now < 0)']],
  },
  {
    name: 'what a deleted manifest referenced has no grace',
    file: MANIFEST_REMOVAL,
    changes: [
      [
        'this.#reviewLinks.run(id, contentId, this.#grace.end(now))',
        'this.#reviewLinks.run(id, contentId, now)',
      ],
    ],
  },
  {
    name: 'a referenced blob may be deleted',
    file: BLOB_INDEX,
    changes: [['if (manifests.length > 0) {', 'if (manifests.length < 0) {']],
  },
  {
    name: 'children of a deleted index are not looked at',
    file: MANIFEST_REMOVAL,
    changes: [['    this.#reviewChildren.run(id, contentId, this.#grace.end(now));\n', '']],
  },
  {
    name: 'referrers of a deleted subject are not looked at',
    file: MANIFEST_REMOVAL,
    changes: [['    this.#departed.add(id, digest, now);\n', '']],
  },
  {
    name: 'what a deleted subject leaves to later batches is forgotten',
    file: DEPARTED,
    changes: [['    if (end === undefined) this', '    if (this.#atOnce > 0) this']],
  },
  {
    name: 'what a deleted subject leaves to later batches is not gone on with',
    file: NAMES,
    changes: [['    await run.batches(() => this.#reviews.scheduleReferrers());\n', '']],
  },
  {
    name: 'the content of a deleted manifest is not looked at',
    file: MANIFEST_REMOVAL,
    changes: [['    this.#contents.lostBy(id, contentId, now);\n', '']],
  },
  {
    name: 'the content of a deleted blob is not looked at',
    file: BLOB_INDEX,
    changes: [['      this.#contents.lostBy(repositoryId, contentId, now);\n', '']],
  },
  {
    name: 'a manifest that an index listed as a blob is not its child',
    file: 'infrastructure/metadata/sqlite/manifest-references.ts',
    changes: [['    this.#addToParents.run(repositoryId, manifestId);\n', '']],
  },
  {
    name: 'a tag that is moved leaves its manifest without a review',
    file: 'infrastructure/metadata/sqlite/manifest-tags.ts',
    changes: [['    for (const former of left) this.#reviewUntagged(id, former, now);\n', '']],
  },
];

const REVIEW: readonly Mutation[] = [
  {
    name: 'a link is reviewed that was renewed meanwhile',
    file: REVIEWS,
    changes: [
      [
        "    if (!this.#looks.isLinkDue(repositoryId, contentId, dueUntil)) return { kind: 'not-due' };\n",
        '',
      ],
    ],
  },
  {
    name: 'a link goes although a manifest references it',
    file: LOOKS,
    changes: [
      [
        "    if (this.#referenced.get(repositoryId, contentId) !== undefined) return { kind: 'referenced' };\n",
        '',
      ],
    ],
  },
  {
    name: 'a link that is referenced stays due',
    file: REVIEWS,
    changes: [
      [
        "      case 'referenced':\n        this.#set.link.run(repositoryId, contentId, null);\n",
        "      case 'referenced':\n",
      ],
    ],
  },
  {
    name: 'the content of a link that goes is not looked at',
    file: REVIEWS,
    changes: [['        this.#contents.lostBy(repositoryId, contentId, now);\n', '']],
  },
  {
    name: 'a manifest is reviewed that was tagged meanwhile',
    file: REVIEWS,
    changes: [
      [
        "      if (!this.#looks.isManifestDue(repositoryId, contentId, dueUntil)) return { kind: 'not-due' };\n",
        '',
      ],
    ],
  },
  {
    name: 'tags keep no manifest',
    file: REACH,
    changes: [['return graph.isTagged(manifest) || (graph', 'return (graph']],
  },
  {
    name: 'youth keeps no manifest',
    file: REACH,
    changes: [[' || (graph.reviewAfter(manifest) ?? 0) > youngAfter;', ';']],
  },
  {
    name: 'indexes keep no manifest',
    file: REACH,
    changes: [["    ...parents.map((parent) => ({ manifest: parent, heldBy: 'index' as const })),\n", '']],
  },
  {
    name: 'a subject keeps no referrer',
    file: REACH,
    changes: [
      ["    ...(subject === undefined ? [] : [{ manifest: subject, heldBy: 'subject' as const }]),\n", ''],
    ],
  },
  {
    name: 'what can not be read holds no link',
    file: LOOKS,
    changes: [
      [
        "    if (this.#holdsUnreadable.get(repositoryId) !== undefined) return { kind: 'unreadable' };\n    const naming",
        '    const naming',
      ],
    ],
  },
  {
    name: 'what can not be read holds no content',
    file: LOOKS,
    changes: [
      ["return this.#unreadable.get(key) === undefined ? undefined : 'unreadable';", 'return undefined;'],
    ],
  },
  {
    name: 'references of incomplete manifests that have no row hold nothing',
    file: 'infrastructure/metadata/sqlite/unwritten-references.ts',
    changes: [
      [
        '    if (incomplete.length > MOST_INCOMPLETE) return undefined;\n',
        '    if (incomplete.length >= 0) return [];\n',
      ],
    ],
  },
  {
    name: 'what was adopted is looked at without a request',
    file: 'domain/lifecycle/grace.ts',
    changes: [['export const ON_REQUEST = Number.MAX_SAFE_INTEGER;', 'export const ON_REQUEST = 0;']],
  },
  {
    name: 'links that went are not told to the tree',
    file: NAMES,
    changes: [
      [
        '        changes.push(...(await this.#reviewLinks(run, group, looks)));',
        '        await this.#reviewLinks(run, group, looks);',
      ],
    ],
  },
];

const TAKING: readonly Mutation[] = [
  {
    name: 'a content is condemned that is not due any more',
    file: CONTENTS,
    changes: [["    if (row.review_after === null || row.review_after > dueUntil) return 'not-due';\n", '']],
  },
  {
    name: 'a content is condemned that is linked',
    file: LOOKS,
    changes: [['this.#linked.get(id) !== undefined || this', 'this']],
  },
  {
    name: 'a content is condemned that is a manifest',
    file: LOOKS,
    changes: [[' || this.#isManifest.get(id) !== undefined) return', ') return']],
  },
  {
    name: 'a content is condemned whose link files are not written',
    file: LOOKS,
    changes: [["    if (isPending !== undefined) return 'pending';\n", '']],
  },
  {
    name: 'a content that is referenced stays due',
    file: CONTENTS,
    changes: [
      ["      case 'referenced':\n        this.#review.run(id, null);\n", "      case 'referenced':\n"],
    ],
  },
  {
    name: 'bytes go before the database is durable',
    file: REMOVAL,
    changes: [['    await this.#barrier.wait();\n', '']],
  },
  {
    name: 'bytes are removed without a fence',
    file: 'infrastructure/storage/layout/layout-blob-removal.ts',
    changes: [
      [
        'return this.#driver.removeThroughFence(blobPath(digest), takenPath(digest, token));',
        "void takenPath(digest, token);\n    return this.#driver.remove(blobPath(digest)).then(() => 'gone');",
      ],
    ],
  },
  {
    name: 'a worker without a fence any more takes the bytes for gone',
    file: REMOVAL,
    changes: [["      if (outcome !== 'gone') return false;\n", '']],
  },
  {
    name: 'a worker begins removals when its lease is over',
    file: REMOVAL,
    changes: [['    if (now >= claim.until) return false;\n', '']],
    harmless: 'its fence is broken by whoever takes over; the look only spares the attempt',
  },
  {
    name: 'the fence of a dead worker is not broken',
    file: REMOVAL,
    changes: [['    for (const token of former.values()) await this.#storage.breakFence(token);\n', '']],
  },
  {
    name: 'the fence of a dead worker is broken after the claim has changed hands',
    file: REMOVAL,
    changes: [
      ['    for (const token of former.values()) await this.#storage.breakFence(token);\n', ''],
      [
        '    await this.#removeAll(taken, claim, listener, signal);\n',
        '    for (const token of former.values()) await this.#storage.breakFence(token);\n    await this.#removeAll(taken, claim, listener, signal);\n',
      ],
    ],
  },
  {
    name: 'a claim is taken over whoever has it by now',
    file: REMOVAL_STATEMENTS,
    changes: [
      ["      .where('claim', '=', former)\n", '      .where(sql<boolean>`${former} is not null`)\n'],
    ],
  },
  {
    name: 'a row is forgotten whoever has its claim',
    file: REMOVAL_STATEMENTS,
    changes: [[`      .deleteFrom('content')\n${CLAIMED}`, `      .deleteFrom('content')\n${NOT_CLAIMED}`]],
  },
  {
    name: 'a row is given back whoever has its claim',
    file: REMOVAL_STATEMENTS,
    changes: [
      [`      .select(['digest', 'size'])\n${CLAIMED}`, `      .select(['digest', 'size'])\n${NOT_CLAIMED}`],
      [`      .deleteFrom('content')\n${CLAIMED}`, `      .deleteFrom('content')\n${NOT_CLAIMED}`],
    ],
  },
  {
    name: 'a row is given back although the removal may have happened',
    file: REMOVAL,
    changes: [['if (!error.leavesDoubt) await', 'await']],
  },
  {
    name: 'nobody takes over',
    file: REMOVAL,
    changes: [
      ['      const taken = await this.#takeOver(expired, listener, signal);\n', '      const taken = 0;\n'],
    ],
  },
  {
    name: 'fences of the dead are not swept',
    file: REMOVAL,
    changes: [['    await this.#sweep();\n', '']],
  },
  {
    name: 'what went away is forgotten by the replay when the tree lacks it',
    file: 'application/use-cases/maintenance/replay-names.ts',
    changes: [
      ['    if (found === undefined && changes.some((change) => tookAway(change))) return false;\n', ''],
    ],
  },
];

export const COLLECTION_MUTATIONS: readonly Mutation[] = [...PUSH, ...CLIENTS, ...REVIEW, ...TAKING];
