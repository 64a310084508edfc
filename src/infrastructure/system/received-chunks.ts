import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { ChunkMemory } from '../../application/ports/system/chunk-memory.js';

/** Bytes. Below it the call costs more than the garbage. */
const LEAST = 16 * 1024;

const closed = closedPort();

export class ReceivedChunks implements ChunkMemory {
  release(chunks: readonly Uint8Array[]): void {
    releaseChunks(chunks);
  }
}

/**
 * V8 counts the memory of chunks that wait for a collection, and with some ten MB of them it marks the whole heap: a
 * transfer then costs four times the CPU, and memory that is new each time. What is transferred to a port that is closed
 * is freed on the spot. (ArrayBuffer.prototype.transfer does the same from Node.js 21 on.) Several cost little more than one.
 */
export function releaseChunks(chunks: readonly Uint8Array[]): void {
  const owned: ArrayBuffer[] = [];
  for (const { buffer, byteLength } of chunks) {
    const isOwner = buffer instanceof ArrayBuffer && byteLength === buffer.byteLength;
    if (isOwner && byteLength >= LEAST) owned.push(buffer);
  }
  if (owned.length > 0) closed.postMessage(undefined, owned);
}

function closedPort(): MessagePort {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
}
