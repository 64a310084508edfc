// The last step of the build (docs/adr/0002): makes dist/ out of what tsc has compiled into build/.
//   dist/main.js             the launcher (launcher.cjs)
//   dist/program/program.js  the program, one file instead of 700 to find and read at start. What is imported only when it is
//                            needed is run then: help and the version do not run the registry
//   dist/program/*-worker.js its threads, one file each
//   dist/program/*.cache     what V8 compiled of the program: to serve, and for other commands (code-cache.cjs)
// All of it is CommonJS: only of a script, not of an ES module, can Node take what was compiled before.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });
const smaller = {
  // Express brings parsers of bodies, with tables of 500 KB for character sets, and a table of media types by the ends of
  // files, which are read at every start. Nothing here parses a body or sends a file by them.
  '^(body-parser|mime-db)$': 'module.exports = {};',
  // yargs lays out help with it. It knows how wide an emoji is, for which it compiles a regular expression of every one at
  // each start: a fifth of what the version takes. Help has none.
  '^string-width$':
    "import { stripVTControlCharacters } from 'node:util';\n" +
    'export default (text) => [...stripVTControlCharacters(text)].length;',
};
const withSmaller = {
  name: 'smaller packages',
  setup({ onResolve, onLoad }) {
    for (const [filter, contents] of Object.entries(smaller)) {
      onResolve({ filter: new RegExp(filter) }, ({ path }) => ({
        path,
        namespace: 'smaller',
        pluginData: contents,
      }));
    }
    onLoad({ filter: /./, namespace: 'smaller' }, ({ pluginData }) => ({
      contents: pluginData,
      resolveDir: '.',
    }));
  },
};

const common = {
  outdir: 'dist/program',
  entryNames: '[name]',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // A script cannot import; what is imported when it is needed is either in the same file or CommonJS itself.
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'importMetaUrl' },
  // Names stay, so that stack traces can be read; without comments and spaces half as much is parsed and kept.
  minifyWhitespace: true,
  minifySyntax: true,
  // The first two carry a binary, which they look for beside themselves. The others are large, and few have a use for them.
  external: ['@photostructure/sqlite', '@node-rs/bcrypt', '@aws-sdk/credential-providers', 'node-forge'],
  plugins: [withSmaller],
  legalComments: 'linked',
  logLevel: 'warning',
};
const importMetaUrl = "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;";
await build({
  ...common,
  entryPoints: { program: 'build/main.js' },
  // What the launcher calls.
  banner: { js: `(function (require, __filename) {${importMetaUrl}` },
  footer: { js: '})' },
  // The launcher reads it as latin1.
  charset: 'ascii',
});
await build({
  ...common,
  banner: { js: importMetaUrl },
  entryPoints: [
    'build/infrastructure/hashing/running-hash-worker.js',
    'build/infrastructure/messaging/sending-worker.js',
    'build/infrastructure/metadata/sqlite/checkpointer-worker.js',
    'build/infrastructure/storage/drivers/filesystem/file-worker.js',
    'build/infrastructure/storage/drivers/filesystem/hash-worker.js',
  ],
});
writeFileSync('dist/package.json', '{ "type": "commonjs" }\n');
cpSync('scripts/launcher.cjs', 'dist/main.js');
// npm does it at the installation, a copy of the folder does not.
chmodSync('dist/main.js', 0o755);

keepCompiled('command.cache', ['--help']);
keepCompiled('serve.cache', ['serve']);

function keepCompiled(name, words) {
  const file = join('dist/program', name);
  // The launcher reads it; nothing is in it yet.
  writeFileSync(file, '');
  const folder = mkdtempSync(join(tmpdir(), 'stowage-build-'));
  const env = {
    PATH: process.env.PATH,
    REGISTRY_HTTP_NET: 'unix',
    REGISTRY_HTTP_ADDR: join(folder, 'socket'),
    REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: join(folder, 'data'),
  };
  try {
    execFileSync(process.execPath, ['scripts/code-cache.cjs', file, ...words], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 120_000,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
