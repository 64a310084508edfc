import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../application/ports/system/clock.js';
import type { InstanceId, Instances } from '../../../application/ports/system/instances.js';
import { describeProcess, type ProcessDescription } from '../../system/process-description.js';
import { createHeld, isHeld, readNote, whileUnheld, type HeldLock } from './lock-file.js';

/** How long (ms) a process that was found alive counts as alive. */
const TRUST = 1_000;
const FILE_NAME = /^([0-9a-f]{32})\.db$/;

/** Processes as lock files in one folder, each named by its id and held by its process. */
export class SqliteInstances implements Instances {
  readonly own: InstanceId = randomBytes(16);
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #pid: number;
  /** An id is never used again, so a dead one stays dead. */
  readonly #dead = new Set<string>();
  readonly #aliveUntil = new Map<string, number>();
  #lock: HeldLock | undefined;

  /**
   * @param folder `<rootdirectory>/stowage/instances`, or one beside the database
   * @param pid by which people know this process
   */
  constructor(folder: string, clock: Clock, pid = process.pid) {
    this.#folder = folder;
    this.#clock = clock;
    this.#pid = pid;
  }

  begin(command: string, takesIn: boolean): void {
    const note = JSON.stringify(describeProcess(command, takesIn, this.#pid));
    this.#lock = createHeld(this.#fileOf(this.own), note);
  }

  end(): void {
    if (this.#lock === undefined) return;
    // While it is held, so that nobody takes it for the file of a dead one.
    this.#removeFilesOf(this.own);
    this.#lock.release();
    this.#lock = undefined;
  }

  isAlive(id: Uint8Array): boolean {
    if (this.own.equals(id)) return true;
    const key = Buffer.from(id).toString('hex');
    if (this.#dead.has(key)) return false;
    const now = this.#clock.now();
    if (now < (this.#aliveUntil.get(key) ?? 0)) return true;
    if (isHeld(this.#fileOf(id))) {
      this.#aliveUntil.set(key, now + TRUST);
      return true;
    }
    this.#aliveUntil.delete(key);
    this.#dead.add(key);
    return false;
  }

  noteComparedTree(): void {
    writeFileSync(this.#comparedFileOf(this.own), '');
  }

  othersComparedTree(): boolean {
    return this.#others().some((id) => existsSync(this.#comparedFileOf(id)));
  }

  othersTakeIn(): boolean {
    return this.#others().some((id) => !existsSync(this.#comparedFileOf(id)) && this.#takesIn(id));
  }

  deadOnes(): readonly InstanceId[] {
    return this.#all().filter((id) => !this.isAlive(id));
  }

  forget(id: Uint8Array): void {
    if (this.own.equals(id)) return;
    whileUnheld(this.#fileOf(id), () => this.#removeFilesOf(id));
  }

  hasCompany(): boolean {
    return this.#others().length > 0;
  }

  /** The other processes that are alive, as they describe themselves. */
  others(): readonly (ProcessDescription & { readonly id: InstanceId })[] {
    return this.#others().flatMap((id) => {
      const description = this.#describe(id);
      return description === undefined ? [] : [{ ...description, id }];
    });
  }

  /** Whatever begins with its id; its lock file last, by which the others are found. */
  #removeFilesOf(id: Uint8Array): void {
    const lock = this.#fileOf(id);
    const beginning = Buffer.from(id).toString('hex');
    for (const name of this.#names()) {
      const path = join(this.#folder, name);
      if (name.startsWith(beginning) && path !== lock) rmSync(path, { force: true });
    }
    rmSync(lock, { force: true });
  }

  #others(): readonly InstanceId[] {
    return this.#all().filter((id) => !this.own.equals(id) && isHeld(this.#fileOf(id)));
  }

  #all(): readonly InstanceId[] {
    return this.#names().flatMap((name) => {
      const hex = FILE_NAME.exec(name)?.[1];
      return hex === undefined ? [] : [Buffer.from(hex, 'hex')];
    });
  }

  #names(): readonly string[] {
    return existsSync(this.#folder) ? readdirSync(this.#folder) : [];
  }

  /** What can not be read now may be of one that does. */
  #takesIn(id: InstanceId): boolean {
    return this.#describe(id)?.takesIn ?? true;
  }

  #describe(id: InstanceId): ProcessDescription | undefined {
    const note = readNote(this.#fileOf(id));
    return note === undefined ? undefined : (JSON.parse(note) as ProcessDescription);
  }

  /** No lock file: that it is there says it. */
  #comparedFileOf(id: Uint8Array): string {
    return join(this.#folder, `${Buffer.from(id).toString('hex')}.compared`);
  }

  #fileOf(id: Uint8Array): string {
    return join(this.#folder, `${Buffer.from(id).toString('hex')}.db`);
  }
}
