import type { Answer } from '../../support/http-client.js';

/** The status with the codes of the error body, `404 NAME_UNKNOWN`, or with what there is instead. */
export const OUTCOME = 'outcome';

/**
 * What is compared of an answer, by name: `outcome`, `header etag`, `body`, `message` and `detail` of its errors, `end of
 * body`. What has to differ between two programs and two runs is taken out.
 */
export type Observed = ReadonlyMap<string, string>;

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly detail?: unknown;
}

/** Of when, and of the connection: each request asks to close it. */
const UNCOMPARED = new Set(['date', 'connection']);
const JSON_TYPE = /^application\/(?:.+\+)?json\b/;

/** @param host where the registry listens, `127.0.0.1:<port>` */
export function observe(answer: Answer, host: string, method: string): Observed {
  const observed = new Map<string, string>();
  for (const [name, value] of Object.entries(answer.headers)) {
    if (!UNCOMPARED.has(name)) observed.set(`header ${name}`, normalised(name, String(value), host));
  }
  const { status, body, headers } = answer;
  const isHead = method === 'HEAD';
  // How long a text is says its text already, and that of an error is anybody's own.
  if (isHead ? status >= 400 : headers['content-length'] === String(body.length) && body.length > 0) {
    observed.set('header content-length', 'of the text');
  }
  const problems = problemsOf(answer);
  observed.set(OUTCOME, [status, ...kindOf(answer, problems, isHead)].join(' '));
  for (const [name, value] of bodyOf(answer, problems)) observed.set(name, withoutIds(value, host));
  return observed;
}

function kindOf(
  { status }: Answer,
  problems: readonly Problem[] | undefined,
  isHead: boolean,
): readonly string[] {
  if (problems !== undefined) return problems.map(({ code }) => code);
  return status >= 400 && !isHead ? ['no error of OCI'] : [];
}

function bodyOf(
  { headers, body }: Answer,
  problems: readonly Problem[] | undefined,
): readonly (readonly [string, string])[] {
  const text = body.toString('latin1');
  if (!JSON_TYPE.test(headers['content-type'] ?? '') || text === '') return [['body', text]];
  const end = ['end of body', text.endsWith('\n') ? 'a line feed' : 'nothing'] as const;
  if (problems === undefined) return [['body', text.trimEnd()], end];
  return [
    ['message', problems.map(({ message }) => message).join('; ')],
    ['detail', problems.map(({ detail }) => JSON.stringify(detail) ?? '').join('; ')],
    end,
  ];
}

/** Undefined: the body is no error of the OCI. */
function problemsOf({ headers, body }: Answer): readonly Problem[] | undefined {
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) return undefined;
  try {
    return (JSON.parse(body.toString()) as { errors?: readonly Problem[] }).errors;
  } catch (error) {
    // The body of a HEAD, and answers of the reference that have two documents in them.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function normalised(name: string, value: string, host: string): string {
  if (name === 'docker-upload-uuid') return 'an id';
  const text = withoutIds(value, host);
  if (name !== 'www-authenticate') return text;
  return text.replace(/scope="([^"]*)"/, (_, scope: string) => `scope="${sorted(scope)}"`);
}

/** The reference has scopes in the order of its maps, another one each time. */
function sorted(scope: string): string {
  const resources = scope.split(' ').map((resource) => {
    const colon = resource.lastIndexOf(':');
    return `${resource.slice(0, colon + 1)}${resource
      .slice(colon + 1)
      .split(',')
      .toSorted()
      .join(',')}`;
  });
  return resources.toSorted().join(' ');
}

function withoutIds(text: string, host: string): string {
  return text
    .replaceAll(host, '<host>')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/\?(?:_state=[\w=%-]+|_offset=\d+)/g, '?<state>');
}
