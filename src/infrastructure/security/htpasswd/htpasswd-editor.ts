import { type PasswordFile, PasswordFileRefused } from '../../../application/ports/security/password-file.js';
import { loadBcrypt } from '../bcrypt.js';
import { assertPassword, assertUser } from './assert-login.js';
import { parseLine } from './parse-htpasswd.js';
import { readHtpasswd, refusedBecause } from './read-htpasswd.js';
import { replaceFile } from './replace-file.js';

/** Changes files of users line by line: the bytes of other lines stay, whatever they are. */
export class HtpasswdEditor implements PasswordFile {
  async set(path: string, user: string, password: Buffer, cost: number): Promise<'added' | 'changed'> {
    assertUser(user);
    assertPassword(password);
    const bcrypt = await loadBcrypt();
    const line = `${asBytes(user)}:${await bcrypt.hash(password, cost)}\n`;
    const found = await edit(path, user, (lines, own) => {
      const [first] = own;
      if (first === undefined) return [...lines.map(ended), line];
      return lines.flatMap((text, index) => (index === first ? [line] : own.includes(index) ? [] : [text]));
    });
    return found ? 'changed' : 'added';
  }

  async remove(path: string, user: string): Promise<boolean> {
    // A file that is not there is not made.
    await readHtpasswd(path);
    return edit(path, user, (lines, own) => lines.filter((_text, index) => !own.includes(index)));
  }

  async verify(path: string, user: string, password: Buffer): Promise<boolean> {
    const { users, doubts } = await readHtpasswd(path);
    const hash = users.get(user);
    if (hash !== undefined) return (await loadBcrypt()).verify(password, hash.text);
    const doubt = doubts.find((each) => each.user === user);
    if (doubt !== undefined) throw new PasswordFileRefused(`${path}, ${doubt.sentence}`);
    return false;
  }
}

/**
 * Replaces a file by what `change` makes of its lines, each with its line break.
 * @returns whether there were lines of the user
 */
async function edit(
  path: string,
  user: string,
  change: (lines: readonly string[], own: readonly number[]) => readonly string[],
): Promise<boolean> {
  let found = false;
  try {
    await replaceFile(path, (content = Buffer.alloc(0)) => {
      const lines = content.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? [];
      const own = lines.flatMap((line, index) =>
        parseLine(line, index + 1)?.user === asBytes(user) ? [index] : [],
      );
      found = own.length > 0;
      return Buffer.from(change(lines, own).join(''), 'latin1');
    });
  } catch (error) {
    throw refusedBecause(path, error);
  }
  return found;
}

function ended(line: string): string {
  return line.endsWith('\n') ? line : `${line}\n`;
}

/** A character for each byte, so that files in any encoding can be changed. */
function asBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}
