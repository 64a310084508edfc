import { type BcryptHash, readHash } from './bcrypt-hash.js';

/** What a file of users says. */
export interface HtpasswdContent {
  /** By name. */
  readonly users: ReadonlyMap<string, BcryptHash>;
  /** What works otherwise than whoever wrote the file may think. */
  readonly doubts: readonly Doubt[];
}

/** A sentence that begins with the line, about a user. */
export interface Doubt {
  readonly user: string;
  readonly sentence: string;
}

/** A line is none of a user. The message is a sentence without its line. */
export class LineBroken extends Error {
  override readonly name = 'LineBroken';
  readonly line: number;

  /** @param line from 1 */
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** What a line of a user says. */
export interface HtpasswdLine {
  readonly user: string;
  readonly hash: string;
}

/** A mark that some editors put in front of a file, in UTF-8 and as bytes. */
const MARK = /^(?:\ufeff|\u00ef\u00bb\u00bf)/;

/**
 * Reads one line: `user:hash`, blanks around it count for nothing. Undefined for an empty line and a comment.
 * @param number from 1
 * @throws LineBroken
 */
export function parseLine(line: string, number: number): HtpasswdLine | undefined {
  const text = line.replace(MARK, '').replaceAll(/^[ \t]+|[ \t\r\n]+$/g, '');
  if (text === '' || text.startsWith('#')) return undefined;
  const colon = text.indexOf(':');
  // The line may be a password, so it is not shown.
  if (colon < 0) throw new LineBroken(number, 'it has no colon: a line is <user>:<bcrypt hash>');
  if (colon === 0) throw new LineBroken(number, 'it has no user in front of the colon');
  return { user: text.slice(0, colon), hash: text.slice(colon + 1) };
}

/** As the reference registry reads it: of two lines for a user the last counts. @throws LineBroken */
export function parseHtpasswd(text: string): HtpasswdContent {
  const users = new Map<string, BcryptHash>();
  const doubts: Doubt[] = [];
  const doubt = (line: number, user: string, what: string): void =>
    void doubts.push({ user, sentence: `line ${line}: ${user} ${what}` });
  for (const [index, line] of text.split('\n').entries()) {
    const number = index + 1;
    const read = parseLine(line, number);
    if (read === undefined) continue;
    const { user } = read;
    const hash = readHash(read.hash);
    if (users.delete(user)) doubt(number, user, 'stands there twice; the last line counts.');
    if (typeof hash !== 'string') users.set(user, hash);
    else doubt(number, user, `cannot sign in: the password ${hash}. Set it anew by stowage htpasswd add.`);
  }
  return { users, doubts };
}
