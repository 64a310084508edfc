import { PasswordFileRefused } from '../../../application/ports/security/password-file.js';

/** Bytes of a password that bcrypt looks at. */
const LONGEST_PASSWORD = 72;
const LONGEST_USER = 255;

/** Whether a name can stand in a file of users, and be sent. @throws PasswordFileRefused */
export function assertUser(user: string): void {
  const size = Buffer.byteLength(user);
  if (size === 0 || size > LONGEST_USER) refuse(`the name of a user must have 1 to ${LONGEST_USER} bytes.`);
  if (user.includes(':')) refuse('the name of a user cannot have a colon: that begins the password.');
  if (user.startsWith('#')) refuse('the name of a user cannot begin with #: that begins a comment.');
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(user) || user.trim() !== user)
    refuse('the name of a user cannot have line breaks in it, nor blanks around it.');
}

/** Whether a password can be hashed whole, and be sent. @throws PasswordFileRefused */
export function assertPassword(password: Buffer): void {
  if (password.length === 0) refuse('the password is empty.');
  if (password.length > LONGEST_PASSWORD) {
    refuse(
      `the password has ${password.length} bytes, and bcrypt looks at the first ${LONGEST_PASSWORD} alone: take a shorter one.`,
    );
  }
  if ([0, 10, 13].some((byte) => password.includes(byte)))
    refuse('the password has a line break or a NUL in it.');
}

function refuse(sentence: string): never {
  throw new PasswordFileRefused(sentence);
}
