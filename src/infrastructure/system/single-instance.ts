import { randomBytes } from 'node:crypto';
import type { InstanceId, Instances } from '../../application/ports/system/instances.js';

/** The only process that writes what it stores: there is no folder that others could share, or it only reads there. */
export class SingleInstance implements Instances {
  readonly own: InstanceId = randomBytes(16);
  readonly #othersAlive: boolean;

  /** @param othersAlive whether what others have begun is left to them */
  constructor(othersAlive: boolean) {
    this.#othersAlive = othersAlive;
  }

  begin(): void {}

  end(): void {}

  isAlive(id: Uint8Array): boolean {
    return this.#othersAlive || this.own.equals(id);
  }

  hasCompany(): boolean {
    return this.#othersAlive;
  }

  noteComparedTree(): void {}

  othersComparedTree(): boolean {
    return false;
  }

  othersTakeIn(): boolean {
    return false;
  }

  deadOnes(): readonly InstanceId[] {
    return [];
  }

  forget(): void {}
}
