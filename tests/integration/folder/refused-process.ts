// A program of its own: `refused-process.ts ROOT USER` prints why that user can not serve the folder.
import { refuseUnwritable } from '../../../src/container/refuse-unwritable.js';
import type { Config } from '../../../src/infrastructure/config/config.js';

const [root = '', user = ''] = process.argv.slice(2);
const config = {
  storage: { driver: { kind: 'filesystem', rootdirectory: root } },
  metadata: { sqlite: { path: undefined } },
};
// Everything that it needs has been read by now.
process.setgroups?.([]);
process.setgid?.(Number(user));
process.setuid?.(Number(user));
try {
  refuseUnwritable(config as unknown as Config, undefined);
} catch (error) {
  console.log((error as Error).message);
}
