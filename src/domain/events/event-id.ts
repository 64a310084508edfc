/**
 * A UUID of version 7 (RFC 9562 5.7): ids sort as their times do.
 * @param time milliseconds of Unix time
 * @param random a UUID of version 4, whose random part is taken
 */
export function eventId(time: number, random: string): string {
  const hex = time.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${random.slice(15)}`;
}
