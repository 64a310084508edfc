import type { Descriptor } from './descriptor.js';
import { isNonDistributable } from './media-type.js';

/** A descriptor in the role of a layer. */
export class Layer {
  readonly descriptor: Descriptor;

  constructor(descriptor: Descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Whether the repository must hold its bytes before a manifest may name it. Foreign layers need not be here; `urls`
   * alone do not excuse a distributable one (image-spec "Non-Distributable Layers").
   */
  get mustExist(): boolean {
    return !isNonDistributable(this.descriptor.mediaType);
  }
}
