const NO_QUERY = new URLSearchParams();

/** The query of a request target. `+` is a space in it, as in a form. */
export function parseQuery(raw: string): URLSearchParams {
  return raw === '' ? NO_QUERY : new URLSearchParams(raw);
}

/**
 * Media types in a query. Clients forget to encode the `+` of `application/vnd.x+json`, which then reads as a space;
 * media types have none.
 */
export function mediaTypeParameters(query: URLSearchParams, name: string): readonly string[] {
  return query.getAll(name).map((value) => value.replaceAll(' ', '+'));
}
