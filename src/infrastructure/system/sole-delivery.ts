import type { DeliveryRight } from '../../application/ports/system/delivery-right.js';

/** For a database that no other process can use. */
export class SoleDelivery implements DeliveryRight {
  take(): boolean {
    return true;
  }

  release(): void {}
}
