import { createHash, type Hash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { DigestAlgorithm } from '../../domain/content/digest.js';

export type HashingRequest =
  | {
      readonly kind: 'update';
      readonly id: number;
      readonly algorithm: DigestAlgorithm;
      /** Which slab holds the bytes, and how many. */
      readonly slab: number;
      readonly length: number;
    }
  | { readonly kind: 'digest' | 'drop'; readonly id: number };

export type HashingReply =
  | { readonly kind: 'free'; readonly slab: number }
  | { readonly kind: 'digest'; readonly id: number; readonly value: Uint8Array };

/** Memory that both sides see. */
const slabs = workerData as readonly SharedArrayBuffer[] | null;
const hashes = new Map<number, Hash>();

function update({ id, algorithm, slab, length }: Extract<HashingRequest, { kind: 'update' }>): HashingReply {
  const hash = hashes.get(id) ?? createHash(algorithm);
  hashes.set(id, hash);
  const memory = slabs?.[slab];
  if (memory === undefined) throw new Error(`there is no slab ${slab}`);
  hash.update(new Uint8Array(memory, 0, length));
  return { kind: 'free', slab };
}

function answer(request: HashingRequest): HashingReply | undefined {
  if (request.kind === 'update') return update(request);
  const hash = hashes.get(request.id);
  hashes.delete(request.id);
  if (request.kind === 'drop' || hash === undefined) return undefined;
  return { kind: 'digest', id: request.id, value: hash.digest() };
}

const port = parentPort;
port?.on('message', (request: HashingRequest) => {
  const reply = answer(request);
  if (reply !== undefined) port.postMessage(reply);
});
