import type { LinkedName } from '../../domain/repository/linked-name.js';

/** Names of one kind of one repository that were seen; a million digests take some 70 MB. */
export class SeenNames {
  readonly #keys = new Set<string>();

  add(name: LinkedName): void {
    this.#keys.add(keyOf(name));
  }

  has(name: LinkedName): boolean {
    return this.#keys.has(keyOf(name));
  }
}

/** A digest as its bytes: half of its text, and nothing of a longer text is held on to. */
function keyOf(name: LinkedName): string {
  return name.kind === 'tag' ? name.tag.toString() : Buffer.from(name.digest.hex, 'hex').toString('latin1');
}
