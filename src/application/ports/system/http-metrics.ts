/** The names by which the reference registry's metrics know its routes. */
export type RouteName =
  | 'base'
  | 'manifest'
  | 'catalog'
  | 'tags'
  | 'blob'
  | 'blob_upload'
  | 'blob_upload_chunk'
  | 'referrers'
  | 'other';

/** Counts of requests; cheap enough for every one of them. */
export interface HttpMetrics {
  /** A request has begun. */
  begin(route: RouteName): void;
  /** It has ended: seconds it took, bytes of both bodies. */
  end(
    route: RouteName,
    method: string,
    status: number,
    seconds: number,
    requestBytes: number,
    responseBytes: number,
  ): void;
}
