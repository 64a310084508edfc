import { Outcomes } from './outcomes.js';

/** An upload that was begun and not closed. */
export interface OpenUpload {
  readonly repository: string;
  /** The whole content, of which a part was sent. */
  readonly content: Buffer;
  location: string;
  /** Bytes that a 202 has acknowledged, and bytes that were sent, answered or not. */
  acknowledged: number;
  sent: number;
}

/** A request that was not answered: the manifest is there if, and only if, all these tags name it. */
export interface OpenRequest {
  /** `repository@digest` */
  readonly manifest: string;
  /** `repository:tag` */
  readonly tags: readonly string[];
  readonly digest: string;
}

/** What the load wrote and what of it was acknowledged. Keys: `repository@digest`, `repository:tag`. */
export class Ledger {
  readonly blobs = new Outcomes<'there' | 'absent'>('absent');
  readonly manifests = new Outcomes<'there' | 'absent'>('absent');
  /** The digest that a tag names; undefined: no such tag. */
  readonly tags = new Outcomes<string | undefined>(undefined);
  readonly requests = new Set<OpenRequest>();
  readonly uploads = new Set<OpenUpload>();
  /** Answers that no load of ours may get. */
  readonly complaints: string[] = [];
}
