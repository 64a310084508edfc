import type { Access } from '../../../domain/access/access.js';
import type { Principal } from '../../../domain/access/principal.js';

/** Whoever shows a token that was checked: what stands in its claims `sub` and `access`. */
export class TokenPrincipal implements Principal {
  readonly name: string | undefined;
  readonly #rights: Rights;

  /**
   * @param access a list of `{type, name, actions}`. What is not of this form gives no right, and takes none away. The
   *   class of a repository does not count, as with the reference registry.
   */
  constructor(subject: unknown, access: unknown) {
    this.name = typeof subject === 'string' && subject !== '' ? subject : undefined;
    this.#rights = rightsOf(access);
  }

  may({ type, name, action }: Access): boolean {
    const actions = this.#rights[type].get(name);
    return actions !== undefined && (actions.has(action) || actions.has('*'));
  }
}

/** The actions on each resource, by its type and its name. */
type Rights = Readonly<Record<Access['type'], ReadonlyMap<string, ReadonlySet<string>>>>;

function rightsOf(access: unknown): Rights {
  const rights = { repository: new Map<string, Set<string>>(), registry: new Map<string, Set<string>>() };
  for (const entry of Array.isArray(access) ? (access as readonly unknown[]) : []) {
    const { type, name, actions } = (entry ?? {}) as Record<string, unknown>;
    if ((type !== 'repository' && type !== 'registry') || typeof name !== 'string') continue;
    const resources = rights[type];
    const known = resources.get(name) ?? new Set();
    for (const action of Array.isArray(actions) ? (actions as readonly unknown[]) : []) {
      if (typeof action === 'string') known.add(action);
    }
    resources.set(name, known);
  }
  return rights;
}
