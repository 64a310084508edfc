import type { PasswordFile } from '../../../src/application/ports/security/password-file.js';
import {
  type ConfigurationReader,
  type ConfigurationReport,
  type ConfigurationRequest,
} from '../../../src/application/ports/system/configuration-reader.js';
import { SystemClock } from '../../../src/infrastructure/system/system-clock.js';
import { runCli } from '../../../src/interfaces/cli/cli.js';
import { CompletionCommand } from '../../../src/interfaces/cli/commands/completion.js';
import { ConfigCommand } from '../../../src/interfaces/cli/commands/config.js';
import type { FindServing } from '../../../src/interfaces/cli/commands/config-reload.js';
import { IndexCommand } from '../../../src/interfaces/cli/commands/index-group.js';
import { IndexRepairCommand } from '../../../src/interfaces/cli/commands/index-repair.js';
import { IndexVerifyCommand } from '../../../src/interfaces/cli/commands/index-verify.js';
import type { IndexRequest, OpenIndex } from '../../../src/interfaces/cli/commands/open-index.js';
import type { OpenCopyOf } from '../../../src/interfaces/cli/commands/open-copy.js';
import { HtpasswdAddCommand } from '../../../src/interfaces/cli/commands/htpasswd-add.js';
import { HtpasswdCommand } from '../../../src/interfaces/cli/commands/htpasswd-group.js';
import { HtpasswdRemoveCommand } from '../../../src/interfaces/cli/commands/htpasswd-remove.js';
import { HtpasswdVerifyCommand } from '../../../src/interfaces/cli/commands/htpasswd-verify.js';
import type { PasswordInput } from '../../../src/interfaces/cli/input/password-input.js';
import { type RunningRegistry, ServeCommand } from '../../../src/interfaces/cli/commands/serve.js';
import { StorageCopyCommand } from '../../../src/interfaces/cli/commands/storage-copy.js';
import { StorageCommand } from '../../../src/interfaces/cli/commands/storage-group.js';
import { VersionCommand } from '../../../src/interfaces/cli/commands/version.js';

/** What a command line finds behind it. */
export interface Behind {
  readonly start?: (request: ConfigurationRequest) => Promise<RunningRegistry>;
  readonly read?: (request: ConfigurationRequest) => ConfigurationReport;
  readonly findServing?: FindServing;
  readonly openIndex?: (request: IndexRequest) => Promise<OpenIndex>;
  readonly openCopy?: OpenCopyOf;
  readonly users?: PasswordFile;
  readonly passwords?: PasswordInput;
  readonly colour?: boolean;
}

/** What came of a command line. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What was asked to be configured: by serve, check or show. */
  readonly requests: readonly ConfigurationRequest[];
}

const unused = () => Promise.reject(new Error('no file of users is used in this test'));
const NO_USERS: PasswordFile = { set: unused, remove: unused, verify: unused };
const NO_PASSWORDS: PasswordInput = { interactive: false, ask: unused, read: unused };

/** Runs one command line: its words, or a text of words separated by blanks. */
export async function invoked(line: string | readonly string[], behind: Behind = {}): Promise<Outcome> {
  const written = { out: '', err: '' };
  const terminal = {
    stdout: { write: (text: string) => void (written.out += text) },
    stderr: { write: (text: string) => void (written.err += text) },
    colour: behind.colour ?? false,
    interactive: false,
    width: 100,
  };
  const requests: ConfigurationRequest[] = [];
  const start = behind.start ?? (() => Promise.resolve({ lines: ['listening'], stopped: Promise.resolve() }));
  const openIndex = behind.openIndex ?? (() => Promise.reject(new Error('no index is opened in this test')));
  const openCopy = behind.openCopy ?? (() => Promise.reject(new Error('nothing is copied in this test')));
  const read = behind.read ?? (() => ({ file: undefined, values: [], notices: [], warnings: [] }));
  const users = behind.users ?? NO_USERS;
  const passwords = behind.passwords ?? NO_PASSWORDS;
  const reader: ConfigurationReader = {
    read: (request) => (requests.push(request), read(request)),
    check: async (request) => (requests.push(request), read(request)),
    defaultFile: () => 'version: 0.1\n',
  };
  const code = await runCli(typeof line === 'string' ? line.split(' ').filter(Boolean) : line, {
    name: 'stowage',
    version: '1.2.3',
    terminal,
    commands: [
      new ServeCommand((request) => (requests.push(request), start(request)), terminal),
      new ConfigCommand(reader, behind.findServing ?? (async () => []), terminal),
      new IndexCommand(
        new IndexVerifyCommand(openIndex, terminal),
        new IndexRepairCommand(openIndex, terminal),
      ),
      new StorageCommand(new StorageCopyCommand(openCopy, terminal, new SystemClock())),
      new HtpasswdCommand(
        new HtpasswdAddCommand(users, passwords, terminal),
        new HtpasswdRemoveCommand(users, terminal),
        new HtpasswdVerifyCommand(users, passwords, terminal),
      ),
      new VersionCommand({ version: '1.2.3' }, terminal),
      new CompletionCommand({ program: 'stowage', words: ['/usr/bin/node', "/it's/main.js"] }, terminal),
    ],
  });
  return { code, ...written, requests };
}
