import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReloadRequest, ReloadRequests } from '../../application/ports/system/reload-requests.js';
import type { ReloadOutcome } from '../../application/use-cases/maintenance/reload-configuration.js';

const ONLY_OURS = { mode: 0o600 };

/**
 * Requests to reload one process, and its answers, as files beside its lock file: whoever may write there may ask. The
 * name of each has the request in it, so an answer belongs to one question. What a process leaves when it is killed goes
 * with its lock file.
 */
export class ReloadFiles implements ReloadRequests {
  readonly #folder: string;
  readonly #requests: string;
  readonly #answers: string;

  /** @param process its id, which its lock file is named by */
  constructor(folder: string, process: Uint8Array) {
    const id = Buffer.from(process).toString('hex');
    this.#folder = folder;
    this.#requests = `${id}.reload.`;
    this.#answers = `${id}.reloaded.`;
  }

  pending(): readonly ReloadRequest[] {
    const names = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    return names
      .filter((name) => name.startsWith(this.#requests))
      .map((name) => name.slice(this.#requests.length));
  }

  answer(request: ReloadRequest, outcome: ReloadOutcome): void {
    const path = this.#answerTo(request);
    // Before the answer: one that can not be written would be asked for again each second.
    rmSync(this.#fileOf(request), { force: true });
    // It appears whole.
    writeFileSync(`${path}.new`, JSON.stringify(outcome), ONLY_OURS);
    renameSync(`${path}.new`, path);
  }

  /** @throws the system's error when it may not be asked */
  ask(): ReloadRequest {
    const request = randomBytes(16).toString('hex');
    writeFileSync(this.#fileOf(request), '', { ...ONLY_OURS, flag: 'wx' });
    return request;
  }

  /** What came of the request, once; undefined as long as nothing did. */
  takeAnswer(request: ReloadRequest): ReloadOutcome | undefined {
    const path = this.#answerTo(request);
    if (!existsSync(path)) return undefined;
    const outcome = JSON.parse(readFileSync(path, 'utf8')) as ReloadOutcome;
    rmSync(path, { force: true });
    return outcome;
  }

  /** Nobody waits for it any more. */
  withdraw(request: ReloadRequest): void {
    rmSync(this.#fileOf(request), { force: true });
  }

  #fileOf(request: ReloadRequest): string {
    return join(this.#folder, `${this.#requests}${request}`);
  }

  #answerTo(request: ReloadRequest): string {
    return join(this.#folder, `${this.#answers}${request}`);
  }
}
