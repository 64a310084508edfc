/** The client left, or its request was ended, before its body was whole. */
export class BodyCut extends Error {
  override readonly name = 'BodyCut';
}

/** The bytes of a request as they arrive, in chunks that nobody else has. Iteration throws BodyCut when they stop before their end. */
export interface UploadBody extends AsyncIterable<Uint8Array> {
  /** Ends the request: a running iteration throws BodyCut. */
  cut(): void;
}
