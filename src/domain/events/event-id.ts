/** 2^16, by which the upper 32 of 48 bits are split off. */
const LOW = 0x1_0000;

/**
 * A UUID of version 7 (RFC 9562 5.7): ids sort as their times do.
 * @param time milliseconds of Unix time
 * @param random 16 unguessable bytes
 */
export function eventId(time: number, random: Uint8Array): string {
  const bytes = Buffer.from(random);
  bytes.writeUInt32BE(Math.floor(time / LOW), 0);
  bytes.writeUInt16BE(time % LOW, 4);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
