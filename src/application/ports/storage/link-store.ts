import type { Digest } from '../../../domain/content/digest.js';
import type { LinkedName } from '../../../domain/repository/linked-name.js';
import type { LinkValue } from '../metadata/name-journal.js';

/** What a link was given: its value, or that it is gone. */
export interface WrittenLink {
  readonly name: LinkedName;
  readonly value: LinkValue | undefined;
  /**
   * Of a layer: they are written under its digest, also when the link is gone, since other repositories may have the
   * blob. Empty for `flush`, which needs to know no more.
   */
  readonly bytes?: Uint8Array | undefined;
  /** Whether the bytes are durable once they are written: others may have made durable what is there. */
  readonly durably?: boolean;
}

/** Names in the reference registry's tree: link files, and the manifests' bytes among the blobs. */
export interface LinkStore {
  /**
   * The digest that a link holds; `damaged` when it holds none or can not be read, undefined when there is no link.
   * Rejects with a StorageFault that says nothing of this link, as when the storage does not answer.
   */
  read(name: LinkedName): Promise<Digest | 'damaged' | undefined>;

  /**
   * Makes links hold their values, in this order: whoever finds one finds those before it. Then those without a value
   * go. Whoever reads sees the old or the new; it is not durable before `flush`. After a failure some may be written.
   */
  write(links: readonly WrittenLink[]): Promise<void>;

  /** When it resolves, what was written survives a power loss. After a failure everything has to be written again. */
  flush(links: readonly WrittenLink[]): Promise<void>;
}
