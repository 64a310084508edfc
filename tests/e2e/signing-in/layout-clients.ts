import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OciLayout } from '../../support/oci-layout.js';
import { runProgram, type Ended } from '../../support/run-program.js';
import { tool } from '../../support/tools.js';
import { REGISTRY, type Credentials } from './guarded-registry.js';
import { imageOf, type ClientKind, type ClientPlace, type SigningClient } from './signing-client.js';

/** The words of a client that copies between a registry and OCI layouts. */
interface Words {
  readonly login: (credentials: Credentials) => readonly string[];
  readonly logout: readonly string[];
  readonly push: (layout: string, image: string) => readonly string[];
  readonly pull: (image: string, layout: string) => readonly string[];
}

class LayoutClient implements SigningClient {
  readonly #program: string;
  readonly #words: Words;
  readonly #place: ClientPlace;
  #pulls = 0;

  constructor(program: string, words: Words, place: ClientPlace) {
    this.#program = program;
    this.#words = words;
    this.#place = place;
  }

  async login(credentials: Credentials): Promise<Ended> {
    return this.#run(this.#words.login(credentials));
  }

  async logout(): Promise<Ended> {
    return this.#run(this.#words.logout);
  }

  async push(repository: string): Promise<Ended> {
    return this.#run(this.#words.push(this.#place.layout, imageOf(repository)));
  }

  async pull(repository: string): Promise<Ended> {
    this.#pulls += 1;
    return this.#run(this.#words.pull(imageOf(repository), this.#pulledTo));
  }

  async pushed(): Promise<string> {
    return digestIn(this.#place.layout);
  }

  async pulled(): Promise<string> {
    return digestIn(this.#pulledTo);
  }

  get #pulledTo(): string {
    return join(this.#place.folder, `pulled-${this.#pulls}`);
  }

  async #run(words: readonly string[]): Promise<Ended> {
    const { folder, env } = this.#place;
    return runProgram(tool(this.#program), words, {
      cwd: folder,
      env: {
        ...env,
        DOCKER_CONFIG: folder,
        REGCTL_CONFIG: join(folder, 'regctl.json'),
        REGISTRY_AUTH_FILE: join(folder, 'auth.json'),
      },
    });
  }
}

/** The manifest's, after every byte below it was checked. */
async function digestIn(folder: string): Promise<string> {
  const layout = new OciLayout(folder);
  await layout.verifiedDigests('1');
  return (await layout.find('1')).digest;
}

function layoutClient(
  program: string,
  how: Pick<ClientKind, 'refused' | 'triedAt'>,
  words: Words,
): ClientKind {
  return {
    name: program,
    needs: { tools: [program] },
    ...how,
    async start(place) {
      await mkdir(place.folder, { recursive: true });
      return new LayoutClient(program, words, place);
    },
  };
}

/** Digests are kept: else it takes what it knows of another client's layers, in a cache of the machine, instead of its own. */
const COPY = ['--insecure-policy', 'copy', '-q', '--preserve-digests'];

export const layoutClients: readonly ClientKind[] = [
  layoutClient(
    'skopeo',
    { refused: 1, triedAt: 'login' },
    {
      login: ({ user, password }) => ['login', '-u', user, '-p', password, REGISTRY],
      logout: ['logout', REGISTRY],
      push: (layout, image) => [...COPY, `oci:${layout}:1`, `docker://${image}`],
      pull: (image, layout) => [...COPY, `docker://${image}`, `oci:${layout}:1`],
    },
  ),
  layoutClient(
    'crane',
    { refused: 1, triedAt: 'use' },
    {
      login: ({ user, password }) => ['auth', 'login', REGISTRY, '-u', user, '-p', password],
      logout: ['auth', 'logout', REGISTRY],
      push: (layout, image) => ['push', layout, image],
      pull: (image, layout) => ['pull', '--format', 'oci', image, layout],
    },
  ),
  layoutClient(
    'regctl',
    { refused: 1, triedAt: 'login' },
    {
      login: ({ user, password }) => ['registry', 'login', REGISTRY, '-u', user, '-p', password],
      logout: ['registry', 'logout', REGISTRY],
      push: (layout, image) => ['image', 'copy', `ocidir://${layout}:1`, image],
      pull: (image, layout) => ['image', 'copy', image, `ocidir://${layout}:1`],
    },
  ),
  layoutClient(
    'oras',
    { refused: 1, triedAt: 'login' },
    {
      login: ({ user, password }) => ['login', '-u', user, '-p', password, REGISTRY],
      logout: ['logout', REGISTRY],
      push: (layout, image) => ['cp', '--from-oci-layout', `${layout}:1`, image],
      pull: (image, layout) => ['cp', '--to-oci-layout', image, `${layout}:1`],
    },
  ),
];
