import { ContainerModule } from 'inversify';
import { FileConfigurationReader } from '../../infrastructure/config/configuration-reader.js';
import { HtpasswdEditor } from '../../infrastructure/security/htpasswd/htpasswd-editor.js';
import { programVersion } from '../../infrastructure/system/program-version.js';
import { SelfSignedCertificates } from '../../infrastructure/tls/self-signed-certificates.js';
import type { Program } from '../../interfaces/cli/cli.js';
import { CompletionCommand } from '../../interfaces/cli/commands/completion.js';
import { ConfigCommand } from '../../interfaces/cli/commands/config.js';
import { GcExplainCommand } from '../../interfaces/cli/commands/gc-explain.js';
import { GcCommand } from '../../interfaces/cli/commands/gc.js';
import { HtpasswdAddCommand } from '../../interfaces/cli/commands/htpasswd-add.js';
import { HtpasswdCommand } from '../../interfaces/cli/commands/htpasswd-group.js';
import { HtpasswdRemoveCommand } from '../../interfaces/cli/commands/htpasswd-remove.js';
import { HtpasswdVerifyCommand } from '../../interfaces/cli/commands/htpasswd-verify.js';
import { IndexCommand } from '../../interfaces/cli/commands/index-group.js';
import { IndexRebuildCommand } from '../../interfaces/cli/commands/index-rebuild.js';
import { IndexFlushCommand } from '../../interfaces/cli/commands/index-flush.js';
import { IndexRepairCommand } from '../../interfaces/cli/commands/index-repair.js';
import { IndexVerifyCommand } from '../../interfaces/cli/commands/index-verify.js';
import { NotificationsCommand } from '../../interfaces/cli/commands/notifications-group.js';
import { NotificationsRetryCommand } from '../../interfaces/cli/commands/notifications-retry.js';
import { NotificationsStatusCommand } from '../../interfaces/cli/commands/notifications-status.js';
import { ServeCommand } from '../../interfaces/cli/commands/serve.js';
import { StorageCopyCommand } from '../../interfaces/cli/commands/storage-copy.js';
import { StorageCommand } from '../../interfaces/cli/commands/storage-group.js';
import { TlsCommand } from '../../interfaces/cli/commands/tls-group.js';
import { TlsSelfSignedCommand } from '../../interfaces/cli/commands/tls-self-signed.js';
import { VersionCommand } from '../../interfaces/cli/commands/version.js';
import { ProcessPasswordInput } from '../../interfaces/cli/input/process-password-input.js';
import type { Terminal } from '../../interfaces/cli/output/terminal.js';
import { TOKENS as T } from '../tokens.js';
import type { Bind } from './bind.js';

const NAME = 'stowage';
const MAX_WIDTH = 110;
const WIDTH_OF_FILES = 100;

/** The command line. What only one of its commands needs is read when that runs: the others, and help, start sooner. */
export const cliModule = new ContainerModule(({ bind }) => {
  bind(T.version).toResolvedValue(() => programVersion(), []);
  bind(T.terminal).toResolvedValue(() => processTerminal(), []);
  bindConfiguration(bind);
  bindCommands(bind);
  bindHtpasswd(bind);
  bind(T.program).toResolvedValue(
    (version, terminal, ...commands): Program => ({
      name: NAME,
      version,
      terminal,
      commands,
    }),
    [
      T.version,
      T.terminal,
      T.serveCommand,
      T.configCommand,
      T.gcCommand,
      T.indexCommand,
      T.storageCommand,
      T.notificationsCommand,
      T.tlsCommand,
      T.htpasswdCommand,
      T.versionCommand,
      T.completionCommand,
    ],
  );
});

function bindConfiguration(bind: Bind): void {
  bind(T.configurationReader).toResolvedValue(
    (clock) =>
      new FileConfigurationReader(process.env, process.cwd(), async (...named) => {
        const { checkNamedFiles } = await import('../check-named-files.js');
        return checkNamedFiles(clock, ...named);
      }),
    [T.clock],
  );
  bind(T.configCommand).toResolvedValue(
    (reader, clock, terminal) =>
      new ConfigCommand(
        reader,
        async (request) => (await import('../reload/find-serving.js')).findServing(request, clock),
        terminal,
      ),
    [T.configurationReader, T.clock, T.terminal],
  );
}

function bindCommands(bind: Bind): void {
  bind(T.serveCommand).toResolvedValue(
    (start, terminal) => new ServeCommand(start, terminal),
    [T.startRegistry, T.terminal],
  );
  bind(T.gcCommand).toResolvedValue(
    (open, explain, terminal, clock) =>
      new GcCommand(open, terminal, clock, [new GcExplainCommand(explain, terminal)]),
    [T.openCollection, T.openExplanation, T.terminal, T.clock],
  );
  bind(T.indexCommand).toResolvedValue(
    (open, rebuild, terminal) =>
      new IndexCommand(
        new IndexVerifyCommand(open, terminal),
        new IndexRepairCommand(open, terminal),
        new IndexFlushCommand(open, terminal),
        new IndexRebuildCommand(rebuild, terminal),
      ),
    [T.openIndex, T.rebuildIndex, T.terminal],
  );
  bind(T.storageCommand).toResolvedValue(
    (open, terminal, clock) => new StorageCommand(new StorageCopyCommand(open, terminal, clock)),
    [T.openCopy, T.terminal, T.clock],
  );
  bind(T.notificationsCommand).toResolvedValue(
    (open, terminal, clock) =>
      new NotificationsCommand(
        new NotificationsStatusCommand(open, terminal, clock),
        new NotificationsRetryCommand(open, terminal),
      ),
    [T.openNotifications, T.terminal, T.clock],
  );
  bind(T.tlsCommand).toResolvedValue(
    (clock, terminal) =>
      new TlsCommand(new TlsSelfSignedCommand(new SelfSignedCertificates(clock), terminal)),
    [T.clock, T.terminal],
  );
  bindTexts(bind);
}

function bindTexts(bind: Bind): void {
  bind(T.versionCommand).toResolvedValue(
    (version, terminal) => new VersionCommand({ version }, terminal),
    [T.version, T.terminal],
  );
  bind(T.completionCommand).toResolvedValue(
    (terminal) => {
      const words = [process.execPath, process.argv[1] ?? NAME];
      return new CompletionCommand({ program: NAME, words }, terminal);
    },
    [T.terminal],
  );
}

function bindHtpasswd(bind: Bind): void {
  bind(T.passwordFile).toResolvedValue(() => new HtpasswdEditor(), []);
  bind(T.passwordInput).toResolvedValue(
    () => new ProcessPasswordInput(() => process.stdin, process.stderr),
    [],
  );
  bind(T.htpasswdCommand).toResolvedValue(
    (users, passwords, terminal) =>
      new HtpasswdCommand(
        new HtpasswdAddCommand(users, passwords, terminal),
        new HtpasswdRemoveCommand(users, terminal),
        new HtpasswdVerifyCommand(users, passwords, terminal),
      ),
    [T.passwordFile, T.passwordInput, T.terminal],
  );
}

function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  // A reader that has seen enough, as in `stowage config show | head`, is no fault.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    stdout,
    stderr,
    interactive: stderr.isTTY,
    colour: stdout.isTTY && process.env['NO_COLOR'] === undefined,
    width: Math.min(stdout.columns ?? WIDTH_OF_FILES, MAX_WIDTH),
  };
}
