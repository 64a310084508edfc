/** The token does not count. The message is for the log: it says what of the token is wrong, and nothing of its content. */
export class TokenRefused extends Error {
  override readonly name: string = 'TokenRefused';
}

/** It may be good, but nobody who is trusted vouches for its key. Newer keys may help. */
export class UnknownKey extends TokenRefused {
  override readonly name = 'UnknownKey';
}
