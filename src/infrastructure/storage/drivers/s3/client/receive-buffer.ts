/** Twice what a socket reads at once. */
const BYTES = 128 * 1024;

/** Where all connections of bodies read to, one after the other: what stands there is copied before the next one reads. */
export const RECEIVE_BUFFER = Buffer.allocUnsafeSlow(BYTES);
