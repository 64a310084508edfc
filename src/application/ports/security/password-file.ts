/** The file can not be used or changed as asked. The message is one sentence that says what would be right. */
export class PasswordFileRefused extends Error {
  override readonly name = 'PasswordFileRefused';
}

/** Files of users and hashes of their passwords (htpasswd). Every method throws PasswordFileRefused. */
export interface PasswordFile {
  /**
   * Gives a user this password. A file that is not there is made, for its owner alone; all other lines stay as they are.
   * When it throws, the file is as it was.
   * @param cost of bcrypt: 2^cost rounds
   */
  set(path: string, user: string, password: Buffer, cost: number): Promise<'added' | 'changed'>;

  /** False: there is no such user. When it throws, the file is as it was. */
  remove(path: string, user: string): Promise<boolean>;

  /** Whether the user can sign in with this password. */
  verify(path: string, user: string, password: Buffer): Promise<boolean>;
}
