import { Digest } from '../../../src/domain/content/digest.js';
import { LayoutBlobRemoval } from '../../../src/infrastructure/storage/layout/layout-blob-removal.js';
import { realDriver } from './real-driver.js';

/** What it is asked: to remove the digest under the token, again and again until it is fenced. */
export interface RemovalRequest {
  readonly digest: string;
  /** Hex. */
  readonly token: string;
}

/** What it answers then. */
export interface RemovalReport {
  readonly token: string;
  /** How often it was not fenced. */
  readonly removals: number;
}

/** Removes blobs as it is told by messages, until it is let go. Argument: the root directory. */
const driver = realDriver(process.argv[2] ?? '');
const removal = new LayoutBlobRemoval(driver);

async function removeUntilFenced({ digest, token }: RemovalRequest): Promise<RemovalReport> {
  const [content, claim] = [Digest.parse(digest), Buffer.from(token, 'hex')];
  for (let removals = 0; ; removals += 1) {
    if ((await removal.remove(content, claim)) === 'fenced') return { token, removals };
  }
}

process.on('message', (request: RemovalRequest) => {
  void removeUntilFenced(request).then((report) => process.send?.(report));
});
process.on('disconnect', () => void driver.close());
process.send?.('ready');
