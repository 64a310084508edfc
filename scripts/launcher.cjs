#!/usr/bin/env node
// Becomes dist/main.js (bundle.mjs, docs/adr/0002). CommonJS on purpose: an ES module is read through libuv's thread pool,
// which then has its 4 threads before a line of ours runs.
'use strict';
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

// The size of that pool can only be set here.
process.env.UV_THREADPOOL_SIZE ??= '16';

// The heap grows by 15 % of what lives between two collections instead of several times that: a burst of slow clients then
// costs 130 MB less, and a request no more. While the program starts it would only collect what stays: a tenth of a start.
setTimeout(() => setFlagsFromString('--heap-growing-percent=15'), 2000).unref();

const serving = process.argv[2] === 'serve';
// A hangup would end the program before it has been read. It has not read its configuration yet: nothing is to be reloaded.
if (serving) process.on('SIGHUP', () => undefined);

// What V8 compiled when the program was built (code-cache.cjs), so that it need not do it at each start. V8 compares its
// version, its flags and the length of the source, and compiles as ever where one differs.
const folder = join(__dirname, 'program');
const filename = join(folder, 'program.js');
const script = new Script(readFileSync(filename, 'latin1'), {
  filename,
  cachedData: readFileSync(join(folder, serving ? 'serve.cache' : 'command.cache')),
});
script.runInThisContext()(createRequire(filename), filename);

module.exports = script;
