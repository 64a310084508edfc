import type { Followed, FollowTree } from '../../../application/use-cases/maintenance/follow-tree.js';
import { Digest, DigestInvalid } from '../../../domain/content/digest.js';
import { RepositoryName } from '../../../domain/repository/repository-name.js';
import { TagName } from '../../../domain/tag/tag-name.js';
import type { Endpoint, Target } from './parse-target.js';
import type { Handler, Route } from './registry-routes.js';

/** The same endpoints over a tree that another registry is writing: each answer is as of now. */
export function followingRoutes(
  routes: Readonly<Record<Endpoint, Route>>,
  follow: FollowTree,
): Readonly<Record<Endpoint, Route>> {
  const entries = Object.entries(routes).map(
    ([endpoint, route]) => [endpoint, followed(route, follow)] as const,
  );
  return Object.fromEntries(entries) as Record<Endpoint, Route>;
}

function followed({ metric, handlers, methods }: Route, follow: FollowTree): Route {
  const all = [...handlers].map(([method, handler]) => [method, following(handler, follow)] as const);
  return { metric, handlers: new Map(all), methods };
}

function following(handler: Handler, follow: FollowTree): Handler {
  return async (exchange, target) => {
    const read = whatIsRead(target);
    if (read !== undefined) await follow.execute(read);
    await handler(exchange, target);
  };
}

/** Undefined for what names nothing: the handler refuses it. */
function whatIsRead({ endpoint, name, tail }: Target): Followed | undefined {
  if (endpoint === 'catalog') return { kind: 'catalog' };
  const repository = RepositoryName.ofExisting(name);
  if (repository === undefined) return undefined;
  if (endpoint === 'tags' || endpoint === 'referrers') return { kind: 'repository', repository };
  const isManifest = endpoint === 'manifest';
  if (isManifest && TagName.isValid(tail)) return { kind: 'tag', repository, tag: TagName.parse(tail) };
  const digest = isManifest || endpoint === 'blob' ? parseDigest(tail) : undefined;
  return digest && { kind: isManifest ? 'revision' : 'layer', repository, digest };
}

function parseDigest(text: string): Digest | undefined {
  try {
    return Digest.parse(text);
  } catch (error) {
    if (error instanceof DigestInvalid) return undefined;
    throw error;
  }
}
