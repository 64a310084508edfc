/**
 * The life of a digest (content.state). Reserved: somebody is placing its bytes, or it is a manifest's, whose bytes
 * are in the database. Present: the store has the bytes. Condemned: collection is removing them.
 */
export const CONTENT_STATE = { reserved: 0, present: 1, condemned: 2 } as const;
