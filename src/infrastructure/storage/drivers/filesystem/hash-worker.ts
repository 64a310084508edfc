import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { parentPort, type MessagePort } from 'node:worker_threads';
import type { DigestAlgorithm } from '../../../../domain/content/digest.js';
import { systemCode } from './system-errors.js';

export type HashRequest =
  | {
      readonly kind: 'hash';
      readonly id: number;
      readonly path: string;
      readonly algorithm: DigestAlgorithm;
      /** Bytes. */
      readonly length: number;
    }
  | { readonly kind: 'abort'; readonly id: number };

export type HashReply =
  | { readonly kind: 'hashed'; readonly id: number; readonly value: Uint8Array }
  | { readonly kind: 'shorter'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly code: string; readonly message: string };

type HashJob = Extract<HashRequest, { kind: 'hash' }>;

/** Reading and hashing a piece is one synchronous step, so all jobs share the buffer. */
const piece = new Uint8Array(1024 * 1024);
const running = new Set<number>();

async function hash(job: HashJob): Promise<Uint8Array | undefined> {
  const descriptor = openSync(job.path, 'r');
  try {
    if (fstatSync(descriptor).size < job.length) return undefined;
    const hasher = createHash(job.algorithm);
    for (let position = 0; position < job.length;) {
      const part = piece.subarray(0, Math.min(piece.length, job.length - position));
      const got = readSync(descriptor, part, 0, part.length, position);
      if (got === 0) return undefined;
      hasher.update(part.subarray(0, got));
      position += got;
      // Lets the other jobs have their turn, and an abort arrive.
      await setImmediate();
      if (!running.has(job.id)) return undefined;
    }
    return hasher.digest();
  } finally {
    closeSync(descriptor);
  }
}

async function answer(port: MessagePort, job: HashJob): Promise<void> {
  const { id } = job;
  running.add(id);
  const reply = await hash(job).then(
    (value): HashReply => (value === undefined ? { kind: 'shorter', id } : { kind: 'hashed', id, value }),
    (error: unknown): HashReply => ({
      kind: 'failed',
      id,
      code: systemCode(error) ?? 'EIO',
      message: String(error),
    }),
  );
  running.delete(id);
  port.postMessage(reply);
}

const port = parentPort;
port?.on('message', (request: HashRequest) => {
  if (request.kind === 'abort') running.delete(request.id);
  else void answer(port, request);
});
