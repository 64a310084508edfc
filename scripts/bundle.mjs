// The last step of the build (docs/adr/0002): makes dist/ out of what tsc has compiled into build/.
//   dist/main.js       the launcher. CommonJS on purpose: an ES module is read through libuv's thread pool, which then
//                      has its 4 threads before a line of ours runs. Its size can only be set here. The V8 flag makes
//                      the heap grow by 15 % of what lives between two collections instead of several times that: a
//                      burst of slow clients then costs 130 MB less, and a request no more. While the program starts it
//                      would only collect what stays: a tenth of a start. A hangup before the program
//                      has been read would end it; it has not read its configuration yet, so there is nothing to reload
//   dist/program/      the program: main.js with the command line, load-registry-*.js with the registry, which the first
//                      command that opens one reads, and chunk-*.js with what both need; so help and the version, and
//                      commands without a registry, read a third of it. And its worker threads, one file each. A few files
//                      instead of 700 to find and read at start
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const launcher = `#!/usr/bin/env node
process.env.UV_THREADPOOL_SIZE ??= '16';
setTimeout(() => require('node:v8').setFlagsFromString('--heap-growing-percent=15'), 2000).unref();
if (process.argv[2] === 'serve') process.on('SIGHUP', () => undefined);
import('./program/main.js');
`;

rmSync('dist', { recursive: true, force: true });
// Express brings parsers of bodies, with tables of 500 KB for character sets, and a table of media types by the ends of
// files, which are read at every start. Nothing here parses a body or sends a file by them.
const withoutTables = {
  name: 'without tables',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(body-parser|mime-db)$/ }, ({ path }) => ({ path, namespace: 'nothing' }));
    onLoad({ filter: /./, namespace: 'nothing' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const common = {
  outdir: 'dist/program',
  entryNames: '[name]',
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
  plugins: [withoutTables],
  legalComments: 'linked',
  logLevel: 'warning',
};
// What is imported only when it is needed stands in files of its own.
await build({ ...common, entryPoints: ['build/main.js'], splitting: true, chunkNames: '[name]-[hash]' });
await build({
  ...common,
  entryPoints: [
    'build/infrastructure/hashing/running-hash-worker.js',
    'build/infrastructure/messaging/sending-worker.js',
    'build/infrastructure/metadata/sqlite/checkpointer-worker.js',
    'build/infrastructure/storage/drivers/filesystem/file-worker.js',
    'build/infrastructure/storage/drivers/filesystem/hash-worker.js',
  ],
});
mkdirSync('dist', { recursive: true });
writeFileSync('dist/package.json', '{ "type": "commonjs" }\n');
writeFileSync('dist/program/package.json', '{ "type": "module" }\n');
writeFileSync('dist/main.js', launcher);
// npm does it at the installation, a copy of the folder does not.
chmodSync('dist/main.js', 0o755);
