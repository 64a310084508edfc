import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HtpasswdEditor } from '../../../src/infrastructure/security/htpasswd/htpasswd-editor.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';

const COST = 4;
const password = (text: string): Buffer => Buffer.from(text);

describe('HtpasswdEditor', () => {
  const editor = new HtpasswdEditor();
  let temp: TempDir;
  let path: string;

  beforeEach(async () => {
    temp = await makeTempDir();
    path = join(temp.path, 'htpasswd');
  });
  afterEach(() => temp.remove());

  const content = () => readFile(path, 'latin1');
  const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);

  it('makes a file that its owner alone can read, as htpasswd -B writes it', async () => {
    expect(await editor.set(path, 'alice', password('secret'), COST)).toBe('added');
    expect(await content()).toMatch(/^alice:\$2y\$04\$[./A-Za-z0-9]{53}\n$/);
    expect(await modeOf(path)).toBe('600');
    expect(await editor.verify(path, 'alice', password('secret'))).toBe(true);
    expect(await editor.verify(path, 'alice', password('Secret'))).toBe(false);
    expect(await editor.verify(path, 'bob', password('secret'))).toBe(false);
  });

  it('replaces the line of a user and leaves every other byte as it is', async () => {
    const other = '# kept\r\n\r\n  bob:{SHA}x \nw\xe9:y\n';
    await writeFile(path, `${other}alice:old\n#alice:old\nalice:twice\ncarol:z`, 'latin1');
    await chmod(path, 0o640);
    expect(await editor.set(path, 'alice', password('new'), COST)).toBe('changed');
    const now = await content();
    expect(now.replace(/alice:\$2y\$04\$.{53}/, 'alice:new')).toBe(`${other}alice:new\n#alice:old\ncarol:z`);
    expect(await modeOf(path)).toBe('640');
    expect(await editor.set(path, 'dave', password('new'), COST)).toBe('added');
    expect((await content()).startsWith(`${now}\ndave:$2y$`)).toBe(true);
    expect(await readdir(temp.path)).toEqual(['htpasswd']);
  });

  it('removes a user, all of his lines', async () => {
    await writeFile(path, 'alice:1\nbob:2\nalice:3\n# end\n');
    expect(await editor.remove(path, 'alice')).toBe(true);
    expect(await content()).toBe('bob:2\n# end\n');
    expect(await editor.remove(path, 'alice')).toBe(false);
    expect(await content()).toBe('bob:2\n# end\n');
  });

  it('knows users by their bytes', async () => {
    await writeFile(path, '\ufeffzo\u00eb:1\n');
    expect(await editor.set(path, 'zo\u00eb', password('new'), COST)).toBe('changed');
    expect(await editor.verify(path, 'zo\u00eb', password('new'))).toBe(true);
  });

  it('lets none of many that change it at once be lost', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `user${index}`);
    await Promise.all(names.map((name) => editor.set(path, name, password('x'), COST)));
    const lines = (await content()).trimEnd().split('\n');
    expect(new Set(lines.map((line) => line.split(':')[0]))).toEqual(new Set(names));
  });

  it('follows a link to the file, and leaves the link', async () => {
    const link = join(temp.path, 'link');
    await writeFile(path, '');
    await symlink('htpasswd', link);
    await editor.set(link, 'alice', password('x'), COST);
    expect(await content()).toMatch(/^alice:/);
  });

  it.each([
    ['', 'secret', 'name of a user must have 1 to 255 bytes'],
    ['\u00e9'.repeat(128), 'secret', 'name of a user must have 1 to 255 bytes'],
    ['a:b', 'secret', 'cannot have a colon'],
    ['#a', 'secret', 'cannot begin with #'],
    ['a\nb', 'secret', 'cannot have line breaks'],
    [' a', 'secret', 'nor blanks around it'],
    ['alice', '', 'the password is empty'],
    ['alice', 'x'.repeat(73), 'the password has 73 bytes'],
    ['alice', 'a\nb', 'a line break or a NUL'],
    ['alice', 'a\0b', 'a line break or a NUL'],
  ])('refuses user %j with password %j, and makes nothing', async (user, text, sentence) => {
    await expect(editor.set(path, user, password(text), COST)).rejects.toThrow(sentence);
    expect(await readdir(temp.path)).toEqual([]);
  });

  it('refuses to change what it cannot read, and leaves it as it was', async () => {
    await writeFile(path, 'alice:1\nbroken\n');
    const sentence = `line 2 of ${path} is broken`;
    await expect(editor.set(path, 'bob', password('x'), COST)).rejects.toThrow(sentence);
    await expect(editor.remove(path, 'alice')).rejects.toThrow(sentence);
    expect(await content()).toBe('alice:1\nbroken\n');
    expect(await readdir(temp.path)).toEqual(['htpasswd']);
  });

  it('says what is missing', async () => {
    await expect(editor.remove(path, 'alice')).rejects.toThrow(`${path} does not exist`);
    await expect(editor.verify(path, 'alice', password('x'))).rejects.toThrow(`${path} does not exist`);
    const deep = join(temp.path, 'no', 'htpasswd');
    await expect(editor.set(deep, 'alice', password('x'), COST)).rejects.toThrow(
      'no does not exist; make it',
    );
    await expect(editor.set(temp.path, 'alice', password('x'), COST)).rejects.toThrow('it is a folder');
  });

  it('says of a user with another hash why he cannot sign in', async () => {
    await writeFile(path, 'bob:{SHA}x\n');
    await expect(editor.verify(path, 'bob', password('x'))).rejects.toThrow('line 1: bob cannot sign in');
  });
});
