import 'reflect-metadata';
import { ContainerModule } from 'inversify';
import { buildContainer } from '../../../src/container/build-container.js';
import { TOKENS } from '../../../src/container/tokens.js';
import { runCli } from '../../../src/interfaces/cli/cli.js';

/** The whole program, which takes the disk of its database for NFS. Arguments: those of the program. */
const onNetwork = new ContainerModule(({ rebind }) => {
  rebind(TOKENS.databaseDisk).toConstantValue({ name: 'NFS', kind: 'network' });
});
const program = buildContainer(onNetwork).get(TOKENS.program);
process.exitCode = await runCli(process.argv.slice(2), program);
