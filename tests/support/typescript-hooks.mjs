import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

/** `./name.js` means `./name.ts` where only that exists. */
export async function resolve(specifier, context, next) {
  const relative = specifier.startsWith('.') && context.parentURL !== undefined;
  const url = relative ? new URL(specifier, context.parentURL).href : specifier;
  if (!url.startsWith('file:') || !url.endsWith('.js') || existsSync(fileURLToPath(url))) {
    return next(specifier, context);
  }
  return { url: `${url.slice(0, -2)}ts`, format: 'module', shortCircuit: true };
}

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    sourceMaps: 'inline',
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
  });
  return { format: 'module', source: code, shortCircuit: true };
}
