import type { Access, Action } from '../../../domain/access/access.js';
import type { Target } from './parse-target.js';

const NOTHING: readonly Access[] = [];
const CATALOG: readonly Access[] = [{ type: 'registry', name: 'catalog', action: '*' }];

/**
 * What a request does to what it names, as the reference registry asks for it; but whoever may push may cancel his
 * upload: clients do not ask token servers for the right to delete before they do it. With nothing wanted, valid
 * credentials are enough. The names are the client's text, which no grammar has seen yet.
 *
 * @param mountedFrom the repository that a POST wants to mount a blob from; where it may not be read, the answer is an
 *   upload (OCI end-11)
 */
export function wantedAccess(
  method: string,
  target: Target | undefined,
  mountedFrom?: string,
): readonly Access[] {
  if (target === undefined || target.endpoint === 'base') return NOTHING;
  if (target.endpoint === 'catalog') return CATALOG;
  const { name } = target;
  const needed = actionsOf(method, target).map((action): Access => ({ type: 'repository', name, action }));
  if (mountedFrom === undefined) return needed;
  return [...needed, { type: 'repository', name: mountedFrom, action: 'pull', isOptional: true }];
}

function actionsOf(method: string, { endpoint }: Target): readonly Action[] {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return ['pull'];
    case 'POST':
    case 'PUT':
    case 'PATCH':
      return ['pull', 'push'];
    case 'DELETE':
      return [endpoint === 'upload' ? 'push' : 'delete'];
    default:
      return [];
  }
}
