import { describe, expect, it } from 'vitest';
import {
  type PasswordFile,
  PasswordFileRefused,
} from '../../../src/application/ports/security/password-file.js';
import type { PasswordInput } from '../../../src/interfaces/cli/input/password-input.js';
import { invoked } from './invoked.js';

/** One user, alice, whose password is "right". */
class Users implements PasswordFile {
  readonly set_: [path: string, user: string, password: string, cost: number][] = [];

  async set(path: string, user: string, password: Buffer, cost: number): Promise<'added' | 'changed'> {
    if (user === 'a:b') throw new PasswordFileRefused('the name of a user cannot have a colon.');
    this.set_.push([path, user, password.toString(), cost]);
    return user === 'alice' ? 'changed' : 'added';
  }

  async remove(_path: string, user: string): Promise<boolean> {
    return user === 'alice';
  }

  async verify(_path: string, user: string, password: Buffer): Promise<boolean> {
    return user === 'alice' && password.toString() === 'right';
  }
}

/** Types these answers one after the other. */
function typed(...answers: (string | undefined)[]): PasswordInput & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    interactive: true,
    ask: async (question) => (asked.push(question), answers.shift()),
    read: () => Promise.reject(new Error('nothing comes from there')),
  };
}

const piped = (text: string): PasswordInput => ({
  interactive: false,
  ask: () => Promise.reject(new Error('nobody can be asked')),
  read: async () => Buffer.from(text),
});

describe('stowage htpasswd', () => {
  it('add asks twice, and tells what it did', async () => {
    const users = new Users();
    const passwords = typed('secret', 'secret');
    const { code, out } = await invoked('htpasswd add /f bob', { users, passwords });
    expect([code, out]).toEqual([0, 'bob was added to /f.\n']);
    expect(passwords.asked).toEqual(['New password for bob: ', 'The same again: ']);
    expect(users.set_).toEqual([['/f', 'bob', 'secret', 10]]);
    const again = await invoked('htpasswd add /f alice', { users, passwords: typed('new', 'new') });
    expect([again.code, again.out]).toEqual([0, 'alice has a new password in /f.\n']);
  });

  it('add takes the password from the standard input, and the cost', async () => {
    const users = new Users();
    await invoked('htpasswd add /f bob --password-stdin --cost 12', { users, passwords: piped('s p:ä') });
    expect(users.set_).toEqual([['/f', 'bob', 's p:ä', 12]]);
  });

  it.each([
    ['two answers that differ', typed('a', 'b'), 'the passwords are not the same; nothing was done.'],
    ['an interrupt', typed(undefined), 'no password was typed; nothing was done.'],
  ])('add does nothing after %s', async (_what, passwords, sentence) => {
    const users = new Users();
    const { code, err } = await invoked('htpasswd add /f bob', { users, passwords });
    expect([code, err, users.set_]).toEqual([1, `stowage: ${sentence}\n`, []]);
  });

  it.each([
    ['htpasswd add /f bob', 2, /there is no terminal .*--password-stdin\. See stowage htpasswd add --help/],
    ['htpasswd add /f bob secret', 2, /secret/],
    ['htpasswd add /f', 2, /htpasswd add needs an argument/],
    ['htpasswd add /f bob --cost 7 --password-stdin', 2, /--cost must be 8 to 16, but is "7"/],
    ['htpasswd add /f bob --cost x --password-stdin', 2, /--cost must be 8 to 16, but is "x"/],
    ['htpasswd add /f a:b --password-stdin', 1, /^stowage: the name of a user cannot have a colon\.\n$/],
    ['htpasswd remove /f bob', 1, /^stowage: \/f has no user bob\.\n$/],
    ['htpasswd verify /f alice', 2, /there is no terminal .* See stowage htpasswd verify --help/],
    [
      'htpasswd verify /f alice --password-stdin',
      1,
      /^stowage: alice cannot sign in with this password\.\n$/,
    ],
  ])('%s: exit code %i', async (line, exitCode, said) => {
    const { code, err, out } = await invoked(line, { users: new Users(), passwords: piped('wrong') });
    expect([code, out]).toEqual([exitCode, '']);
    expect(err).toMatch(said);
  });

  it('remove and verify say what is', async () => {
    const users = new Users();
    expect(await invoked('htpasswd remove /f alice', { users })).toMatchObject({
      code: 0,
      out: 'alice was removed from /f.\n',
    });
    const verify = 'htpasswd verify /f alice --password-stdin';
    expect(await invoked(verify, { users, passwords: piped('right') })).toMatchObject({
      code: 0,
      out: 'alice can sign in with this password.\n',
    });
  });
});
