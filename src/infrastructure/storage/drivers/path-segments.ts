/** Segments of letters, digits, dots, underscores and dashes, none of them `.` or `..`. */
const PATH = /^(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)*$/;

/** @throws TypeError when a driver's path could mean anything outside of the storage's root: it never came from the layout */
export function assertPath(path: string): void {
  if (!PATH.test(path)) throw new TypeError(`not a path of the storage: ${JSON.stringify(path)}`);
}

/** The segments of a driver's path. @throws TypeError as `assertPath` does */
export function pathSegments(path: string): readonly string[] {
  assertPath(path);
  return path.split('/');
}
