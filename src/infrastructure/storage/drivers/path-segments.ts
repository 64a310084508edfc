const SEGMENT = /^[A-Za-z0-9._-]+$/;

/**
 * The segments of a driver's path.
 * @throws TypeError when it could mean anything outside of the storage's root; it then never came from the layout
 */
export function pathSegments(path: string): readonly string[] {
  const segments = path.split('/');
  for (const segment of segments) {
    if (!SEGMENT.test(segment) || segment === '.' || segment === '..') {
      throw new TypeError(`not a path of the storage: ${JSON.stringify(path)}`);
    }
  }
  return segments;
}
