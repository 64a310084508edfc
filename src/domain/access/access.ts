/** What may be done: with a repository `pull`, `push` or `delete`, with the registry's catalog `*`. */
export type Action = 'pull' | 'push' | 'delete' | '*';

/** One thing that a request does to a resource; it needs the right to each of them that is not optional. */
export interface Access {
  readonly type: 'repository' | 'registry';
  /** Of the repository, or `catalog`. Not checked: rights are looked at before names are. */
  readonly name: string;
  readonly action: Action;
  /** The request is done without the right too, though in another way: whoever asks for a token may ask for it. */
  readonly isOptional?: true;
}
