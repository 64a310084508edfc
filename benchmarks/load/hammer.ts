import { Connection } from './connection.js';

export interface Load {
  readonly connections: number;
  readonly seconds: number;
  /** The next whole request; asked for once per request. */
  readonly next: () => Buffer;
  readonly head?: boolean;
}

/** Requests per second while every connection always has one request open. @throws Error on any answer but 200. */
export async function hammer(port: number, load: Load): Promise<number> {
  const connections = await Promise.all(
    Array.from({ length: load.connections }, () => Connection.open(port)),
  );
  const began = performance.now();
  const until = began + load.seconds * 1000;
  let answered = 0;
  const keepAsking = async (connection: Connection): Promise<void> => {
    while (performance.now() < until) {
      const request = load.next();
      const { status, body } = await connection.send(request, load.head ?? false);
      if (status !== 200) {
        throw new Error(
          `${status} to ${request.toString().split('\r\n')[0]}: ${body.toString().slice(0, 300)}`,
        );
      }
      answered++;
    }
  };
  try {
    await Promise.all(connections.map(keepAsking));
  } finally {
    for (const connection of connections) connection.close();
  }
  return (answered * 1000) / (performance.now() - began);
}
