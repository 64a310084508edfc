// The last step of the build (docs/adr/0002): makes dist/ out of what tsc has compiled into build/.
//   dist/main.js       the launcher. CommonJS on purpose: an ES module is read through libuv's thread pool, which then
//                      has its 4 threads before a line of ours runs. Its size can only be set here. The V8 flag makes
//                      the heap grow by 15 % of what lives between two collections instead of several times that: a
//                      burst of slow clients then costs 130 MB less, and a request no more. A hangup before the program
//                      has been read would end it; it has not read its configuration yet, so there is nothing to reload
//   dist/program/      the program and its worker threads, one file each: 700 files less to find and read at start
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const launcher = `#!/usr/bin/env node
process.env.UV_THREADPOOL_SIZE ??= '16';
require('node:v8').setFlagsFromString('--heap-growing-percent=15');
if (process.argv[2] === 'serve') process.on('SIGHUP', () => undefined);
import('./program/main.js');
`;

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: [
    'build/main.js',
    'build/infrastructure/hashing/running-hash-worker.js',
    'build/infrastructure/messaging/sending-worker.js',
    'build/infrastructure/metadata/sqlite/checkpointer-worker.js',
    'build/infrastructure/storage/drivers/filesystem/file-worker.js',
    'build/infrastructure/storage/drivers/filesystem/hash-worker.js',
  ],
  entryNames: '[name]',
  outdir: 'dist/program',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Names stay, so that stack traces can be read; without comments and spaces half as much is parsed and kept.
  minifyWhitespace: true,
  minifySyntax: true,
  // The first two carry a binary, which they look for beside themselves. The others are large, and few have a use for them.
  external: ['@photostructure/sqlite', '@node-rs/bcrypt', '@aws-sdk/credential-providers', 'node-forge'],
  // CommonJS packages call require, which an ES module does not have.
  banner: {
    js: "import { createRequire as createBundleRequire } from 'node:module';\nconst require = createBundleRequire(import.meta.url);",
  },
  legalComments: 'linked',
  logLevel: 'warning',
});
mkdirSync('dist', { recursive: true });
writeFileSync('dist/package.json', '{ "type": "commonjs" }\n');
writeFileSync('dist/program/package.json', '{ "type": "module" }\n');
writeFileSync('dist/main.js', launcher);
// npm does it at the installation, a copy of the folder does not.
chmodSync('dist/main.js', 0o755);
