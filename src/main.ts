// Inversify's required peer, which has to be loaded before it; nothing else here needs it.
import 'reflect-metadata';
import { buildContainer } from './container/build-container.js';
import { TOKENS } from './container/tokens.js';
import { runCli } from './interfaces/cli/cli.js';

async function run(): Promise<void> {
  process.exitCode = await runCli(process.argv.slice(2), buildContainer().get(TOKENS.program));
}
void run();
