const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS = [
  [DAY, 'days'],
  [HOUR, 'h'],
  [MINUTE, 'min'],
  [SECOND, 's'],
] as const;

/** `2026-11-29 09:12:00 UTC (in 3 h)`: a moment (ms of Unix time), and how far it is from now. */
export function showMoment(time: number, now: number): string {
  const text = new Date(time).toISOString().slice(0, 19).replace('T', ' ');
  return `${text} UTC (${showDistance(time - now)})`;
}

function showDistance(ms: number): string {
  if (Math.abs(ms) < SECOND) return 'now';
  return ms > 0 ? `in ${showDuration(ms)}` : `${showDuration(-ms)} ago`;
}

/** In the largest unit of which there are two, rounded. */
function showDuration(ms: number): string {
  const [unit, name] = UNITS.find(([size]) => ms >= 2 * size) ?? [SECOND, 's'];
  return `${Math.round(ms / unit)} ${name}`;
}
