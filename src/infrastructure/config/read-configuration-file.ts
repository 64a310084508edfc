import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigurationError, type ValueOrigin } from '../../application/ports/system/configuration-reader.js';
import { readYaml, YamlRefused } from './read-yaml.js';
import { emptyMap, type SourceMap } from './source-node.js';

const LARGEST = 1024 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'cannot be read: permission denied',
  EISDIR: 'is a folder, not a file',
};

/**
 * The file as a tree of what is written in it. `path` is named in every place as it was given; `namedBy` is the
 * variable that gave it.
 * @throws ConfigurationError
 */
export function readConfigurationFile(path: string, cwd: string, namedBy = ''): SourceMap {
  const originAt = (line: number): ValueOrigin => ({ kind: 'file', path, line });
  try {
    const tree = readYaml(readText(path, cwd, namedBy), originAt) ?? emptyMap(originAt(1));
    if (tree.kind === 'map') return tree;
    if (tree.kind === 'scalar' && tree.value === null) return emptyMap(originAt(1));
    throw new YamlRefused('it must be a map that begins with version: 0.1', 1);
  } catch (error) {
    if (!(error instanceof YamlRefused)) throw error;
    const place = error.line === undefined ? path : `${path}:${error.line}`;
    throw new ConfigurationError([`${place} is no valid configuration file: ${error.message}.`]);
  }
}

function readText(path: string, cwd: string, namedBy: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(resolve(cwd, path));
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const file = namedBy === '' ? path : `${path} (${namedBy})`;
    throw new ConfigurationError([
      `The configuration file ${file} ${REASONS[code] ?? `cannot be read: ${message}`}.`,
    ]);
  }
  if (bytes.length > LARGEST)
    throw new ConfigurationError([`The configuration file ${path} is larger than 1 MiB.`]);
  if (/^(fffe|feff)/.test(bytes.subarray(0, 2).toString('hex')))
    throw new ConfigurationError([`The configuration file ${path} is UTF-16: save it as UTF-8.`]);
  return bytes.toString('utf8');
}
