import { PasswordFileRefused } from '../../../application/ports/security/password-file.js';
import { NamedFileRefused } from '../../../application/ports/system/named-file-refused.js';

/** Reads the file of `auth.htpasswd.path`. @throws NamedFileRefused when the file is refused */
export async function namedByConfiguration<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof PasswordFileRefused)) throw error;
    throw new NamedFileRefused('auth.htpasswd.path', error.message, { cause: error });
  }
}
