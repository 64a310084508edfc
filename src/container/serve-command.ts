/** By which a process that serves is known in its folder. */
export const SERVE = 'stowage serve';
