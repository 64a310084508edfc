import { RegistryError } from '../../../domain/errors.js';

const COUNT = /^[0-9]{1,9}$/;

/** Which part of a list is asked for: `n` entries behind `last`. */
export interface Pagination {
  readonly limit: number | undefined;
  readonly after: string | undefined;
}

/** @throws RegistryError PAGINATION_NUMBER_INVALID when `n` is no whole number of 0 or more */
export function parsePagination(query: URLSearchParams): Pagination {
  const n = query.get('n');
  const after = query.get('last');
  if (n !== null && n !== '' && !COUNT.test(n)) throw invalidCount(n, '0 or more');
  return {
    limit: n === null || n === '' ? undefined : Number(n),
    after: after === null || after === '' ? undefined : after,
  };
}

export function invalidCount(n: string | number, right: string): RegistryError {
  return new RegistryError('PAGINATION_NUMBER_INVALID', `n must be a whole number, ${right}`, { n });
}
