import { digestOf, type HttpClient } from '../../support/http-client.js';

/** An upload that has got its first bytes. */
export interface OpenUpload {
  /** Sends the rest and closes it. @returns the status */
  finish(rest: Buffer): Promise<number>;
}

export async function openUpload(
  client: HttpClient,
  repository: string,
  beginning: Buffer,
): Promise<OpenUpload> {
  const started = await client.send({ method: 'POST', path: `/v2/${repository}/blobs/uploads/` });
  const sent = await client.send({
    method: 'PATCH',
    path: String(started.headers.location),
    body: beginning,
  });
  return {
    finish: async (rest) => {
      const digest = digestOf(Buffer.concat([beginning, rest]));
      const path = `${String(sent.headers.location)}&digest=${encodeURIComponent(digest)}`;
      return (await client.send({ method: 'PUT', path, body: rest })).status;
    },
  };
}
