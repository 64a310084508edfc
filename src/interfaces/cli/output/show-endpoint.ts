import type { EndpointReport } from '../../../application/use-cases/notification/show-endpoints.js';
import { showMoment } from './show-moment.js';

export const ENDPOINT_HEAD = [
  'ENDPOINT',
  'DELIVERED',
  'WAITING',
  'DROPPED',
  'LAST ATTEMPT',
  'STATE',
] as const;

/** @param now milliseconds of Unix time */
export function endpointRow(report: EndpointReport, isConfigured: boolean, now: number): readonly string[] {
  const { name, delivered, waiting, dropped, lastAttempt } = report;
  return [
    name,
    String(delivered),
    String(waiting),
    String(dropped),
    lastAttempt === undefined ? 'never' : showMoment(lastAttempt, now),
    isConfigured ? stateOf(report, now) : 'no longer configured: the next start forgets it',
  ];
}

function stateOf(
  { waiting, waitingSince, failures, lastError, retryAt }: EndpointReport,
  now: number,
): string {
  if (failures > 0) {
    const next = retryAt === undefined ? '' : `, next attempt ${showMoment(retryAt, now)}`;
    return `failing, ${failures} times: ${lastError ?? 'no reason is known'}${next}`;
  }
  return waiting === 0 || waitingSince === undefined
    ? 'has got everything'
    : `the oldest waits since ${showMoment(waitingSince, now)}`;
}

export function endpointJson(report: EndpointReport, isConfigured: boolean): object {
  const { name, delivered, waiting, waitingSince, dropped, failures, lastError, lastAttempt, retryAt } =
    report;
  return {
    name,
    configured: isConfigured,
    delivered,
    waiting,
    waitingSince: momentJson(waitingSince),
    dropped,
    failures,
    lastError: lastError ?? null,
    lastAttempt: momentJson(lastAttempt),
    retryAt: momentJson(retryAt),
  };
}

function momentJson(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
