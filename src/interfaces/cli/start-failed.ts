/** The registry could not start for a reason that its user can remove; the message is one sentence that says how. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed';
}
