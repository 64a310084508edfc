import type { ContentExplanation } from '../../../application/services/content-explanation.js';
import type { ContentReference } from '../../../application/use-cases/maintenance/explain-content.js';
import { Digest } from '../../../domain/content/digest.js';
import type { Command, CommandArguments } from '../command.js';
import {
  configurationArgument,
  configurationOptions,
  configurationRequest,
} from '../configuration-options.js';
import { explanationJson, explanationLines } from '../output/show-explanation.js';
import type { Terminal } from '../output/terminal.js';
import { parseContentReference, REFERENCE_FORMS } from '../parse-content-reference.js';
import type { OpenExplanationOf } from './open-explanation.js';

const REFERENCE = 'reference';
/** A first component that is an address rather than a part of a name. */
const ADDRESS = /^(?:localhost|[^/]*[.:][^/]*)\//;

/** Says why something is kept, or when and why it goes. Exit code 1 when it is not known. */
export class GcExplainCommand implements Command {
  readonly name = 'explain';
  readonly summary = 'Say why an image or a blob is kept, or when and why it goes';
  readonly arguments = [
    { name: REFERENCE, describe: `What is to be explained: ${REFERENCE_FORMS}`, required: true },
    configurationArgument,
  ];
  readonly options = {
    ...configurationOptions,
    json: { type: 'boolean', describe: 'Print the explanation as an object' },
  } as const;
  readonly examples = [
    ['gc explain team/app:v1', 'What holds the image that a tag names'],
    ['gc explain team/app@sha256:0a1b… config.yml', 'A manifest or blob of one repository'],
    ['gc explain sha256:0a1b… --json', 'Every repository that has it, for a program to read'],
  ] as const;

  readonly #open: OpenExplanationOf;
  readonly #terminal: Terminal;

  constructor(open: OpenExplanationOf, terminal: Terminal) {
    this.#open = open;
    this.#terminal = terminal;
  }

  async run(args: CommandArguments): Promise<number> {
    const reference = parseContentReference(String(args[REFERENCE]), `gc ${this.name}`);
    const opened = await this.#open(configurationRequest(args));
    try {
      const explanation = await opened.explain.execute(reference);
      return this.#print(reference, explanation, args['json'] === true);
    } finally {
      await opened.close();
    }
  }

  #print(reference: ContentReference, explanation: ContentExplanation | undefined, json: boolean): number {
    const { stdout, stderr } = this.#terminal;
    if (explanation !== undefined && json) stdout.write(`${explanationJson(explanation)}\n`);
    if (explanation === undefined || explanation.verdict === 'unknown') {
      stderr.write(`stowage: ${whyUnknown(reference, explanation)}\n`);
      return 1;
    }
    if (!json) for (const line of explanationLines(explanation)) stdout.write(`${line}\n`);
    return 0;
  }
}

function whyUnknown(
  { repository, reference }: ContentReference,
  explanation: ContentExplanation | undefined,
): string {
  const address = repository && ADDRESS.exec(repository.toString())?.[0].slice(0, -1);
  const hint = address === undefined ? '' : `; if ${address} is the registry's address, leave it out`;
  if (!(reference instanceof Digest)) {
    return `${String(repository)} has no tag ${reference.toString()}${hint}`;
  }
  const [thing] = explanation?.unreadable.items ?? [];
  const doubt = thing === undefined ? '' : `; ${thing.path}, which may be about it, ${thing.reason}`;
  return `the registry does not know ${reference.toString()}${hint}${doubt}`;
}
