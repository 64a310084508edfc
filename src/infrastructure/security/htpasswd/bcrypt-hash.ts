import { randomBytes } from 'node:crypto';

/** A hash of a password as bcrypt writes it. */
export interface BcryptHash {
  readonly text: string;
  /** 2^cost rounds. */
  readonly cost: number;
}

const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const LEAST_COST = 4;
/** 5 s of a core. Each step more doubles it, and one login would keep others waiting. */
const MOST_COST = 16;
/** Of a user in whose place nobody is. */
const USUAL_COST = 10;

/** What is wrong with a text that should be a hash, as it ends "the password of x …"; the hash when it is one. */
export function readHash(text: string): BcryptHash | string {
  const cost = BCRYPT.exec(text)?.[1];
  if (cost === undefined) return describeOther(text);
  if (Number(cost) < LEAST_COST || Number(cost) > MOST_COST) {
    return `is hashed with cost ${Number(cost)}, and only ${LEAST_COST} to ${MOST_COST} are verified`;
  }
  return { text, cost: Number(cost) };
}

const OTHERS: readonly (readonly [begin: RegExp, what: string])[] = [
  [/^\$2/, 'is no whole bcrypt hash: that has 60 characters (did something take the $ for a variable?)'],
  [/^\$apr1\$/, 'is hashed by MD5 (apr1), not by bcrypt'],
  [/^\{SHA\}/, 'is hashed by SHA-1, not by bcrypt'],
  [/^\$1\$/, 'is hashed by MD5 (crypt), not by bcrypt'],
  [/^\$5\$/, 'is hashed by SHA-256 (crypt), not by bcrypt'],
  [/^\$6\$/, 'is hashed by SHA-512 (crypt), not by bcrypt'],
  [/^[./A-Za-z0-9]{13}$/, 'is hashed by crypt, not by bcrypt'],
];

function describeOther(text: string): string {
  return OTHERS.find(([begin]) => begin.test(text))?.[1] ?? 'is no hash of bcrypt';
}

/** A hash that no password fits, and that takes as long to verify as one of the same cost. */
export function hashOfNobody(cost = USUAL_COST): BcryptHash {
  const text = `$2b$${String(cost).padStart(2, '0')}$${encode(randomBytes(16))}${encode(randomBytes(23))}`;
  return { text, cost };
}

/** Base64 over bcrypt's alphabet. Bits that stand for nothing are 0: a hash with others would be refused at once. */
function encode(bytes: Buffer): string {
  const letters = bytes.toString('base64').replaceAll('=', '');
  return Array.from(letters, (letter) => ALPHABET[BASE64.indexOf(letter)]).join('');
}
