/** Puts what was prepared in force, at once. Never fails. */
export type Apply = () => void;

/** A part of the running registry that takes another configuration. */
export interface Reloadable<C> {
  /**
   * Does everything that can fail: reads files, makes objects. Changes nothing: what is in force stays so until `Apply`,
   * which is called when all parts are prepared, or never. Files are read anew even where their names are the same.
   * @throws ConfigurationError; NamedFileRefused
   */
  prepare(config: C): Promise<Apply>;
}
