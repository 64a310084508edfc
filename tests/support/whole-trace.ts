import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** What `strace -o` has written, waited for: it ends a moment after what it watched. */
export async function wholeTrace(file: string): Promise<string> {
  let text = await readFile(file, 'utf8');
  while (!/\+\+\+ exited with \d+ \+\+\+\n$/.test(text)) {
    await sleep(50);
    text = await readFile(file, 'utf8');
  }
  return text;
}
