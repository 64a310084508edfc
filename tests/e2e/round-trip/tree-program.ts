import type { HttpClient } from '../../support/http-client.js';
import { ReferenceRegistry, type ReferenceVersion } from '../../support/reference-registry.js';
import { onBucket, RunningRegistry } from '../../support/start-registry.js';

export type ProgramName = 'Stowage' | ReferenceVersion;

/** A registry that runs on a tree, whichever it is. */
export interface TreeProgram {
  readonly client: HttpClient;
  readonly host: string;
  start(): Promise<void>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<unknown>;
}

/** Where programs find the tree: in `<folder>/data`, or in a bucket. */
export interface TreePlace {
  readonly folder: string;
  /** `storage.s3` of a configuration; Stowage keeps its database in the folder. */
  readonly bucket?: Readonly<Record<string, unknown>> | undefined;
}

/** Starts it on a tree, the same for each program. */
export function startProgram(name: 'Stowage', place: TreePlace): Promise<RunningRegistry>;
export function startProgram(name: ReferenceVersion, place: TreePlace): Promise<ReferenceRegistry>;
export function startProgram(name: ProgramName, place: TreePlace): Promise<TreeProgram>;
export async function startProgram(name: ProgramName, place: TreePlace): Promise<TreeProgram> {
  const { folder, bucket } = place;
  if (name !== 'Stowage') return ReferenceRegistry.start(name, folder, bucket);
  return RunningRegistry.start(
    bucket === undefined ? { folder } : { folder, settings: onBucket(folder, bucket) },
  );
}

/** 2.8.2 answers 400: a manifest is deleted there by its digest only, and its tags go with it. */
export function deletesTags(name: ProgramName): boolean {
  return name !== '2.8.2';
}
