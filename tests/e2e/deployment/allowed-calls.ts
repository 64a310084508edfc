import { succeed } from '../../support/run-program.js';
import { tool } from '../../support/tools.js';

/** Sets that systemd allows whatever a filter says. */
const ALWAYS = '@default';

/** The system calls that a `SystemCallFilter=` lets through: names, and sets of them that begin with @. */
export async function allowedCalls(filter: string): Promise<ReadonlySet<string>> {
  const members = new Map<string, string[]>();
  let set: string[] = [];
  for (const line of (await succeed(tool('systemd-analyze'), ['syscall-filter'])).split('\n')) {
    if (/^@\S+$/.test(line)) {
      set = [];
      members.set(line, set);
    } else if (/^ +[^ #]/.test(line)) set.push(line.trim());
  }
  const found = new Set<string>();
  const add = (name: string): void => {
    if (name.startsWith('@')) for (const member of members.get(name) ?? []) add(member);
    else found.add(name);
  };
  for (const name of [ALWAYS, ...filter.split(' ')]) add(name);
  return found;
}
