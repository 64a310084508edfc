// Puts dist/main.js in front of the compiled program (docs/adr/0002). It is CommonJS on purpose: an ES module is read
// through libuv's thread pool, which then has its 4 threads before a line of ours runs. The size can only be set here.
import { mkdirSync, writeFileSync } from 'node:fs';

const launcher = `process.env.UV_THREADPOOL_SIZE ??= '16';
import('./app/main.js');
`;

mkdirSync('dist', { recursive: true });
writeFileSync('dist/package.json', '{ "type": "commonjs" }\n');
writeFileSync('dist/app/package.json', '{ "type": "module" }\n');
writeFileSync('dist/main.js', launcher);
