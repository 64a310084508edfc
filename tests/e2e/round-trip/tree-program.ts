import type { HttpClient } from '../../support/http-client.js';
import { ReferenceRegistry, type ReferenceVersion } from '../../support/reference-registry.js';
import { RunningRegistry } from '../../support/start-registry.js';

export type ProgramName = 'Stowage' | ReferenceVersion;

/** A registry that runs on a tree, whichever it is. */
export interface TreeProgram {
  readonly client: HttpClient;
  readonly host: string;
  start(): Promise<void>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<unknown>;
}

/** Starts it on `<folder>/data`, the same for each program. */
export async function startProgram(name: ProgramName, folder: string): Promise<TreeProgram> {
  return name === 'Stowage' ? RunningRegistry.start({ folder }) : ReferenceRegistry.start(name, folder);
}

/** 2.8.2 answers 400: a manifest is deleted there by its digest only, and its tags go with it. */
export function deletesTags(name: ProgramName): boolean {
  return name !== '2.8.2';
}
