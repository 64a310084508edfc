// Runs the built program once and writes what V8 has compiled for it by then, which dist/main.js brings to each start:
//   node scripts/code-cache.cjs FILE --help                  when it ends
//   node scripts/code-cache.cjs FILE serve ... (on a socket whose path REGISTRY_HTTP_ADDR names)
//                                                            when it has answered its first client; then it is stopped
'use strict';
const { writeFileSync } = require('node:fs');
const { get } = require('node:http');
const { join } = require('node:path');

const [, , file, ...words] = process.argv;
const launcher = join(__dirname, '..', 'dist', 'main.js');
process.argv = [process.execPath, launcher, ...words];
const script = require(launcher);

process.on('exit', (code) => {
  if (code === 0) writeFileSync(file, script.createCachedData());
});
if (words[0] === 'serve') stopWhenAnswered();

function stopWhenAnswered() {
  const again = () => setTimeout(stopWhenAnswered, 20);
  get({ socketPath: process.env.REGISTRY_HTTP_ADDR, path: '/v2/' }, (answer) => {
    answer.resume().on('end', () => process.kill(process.pid, 'SIGTERM'));
  }).on('error', again);
}
