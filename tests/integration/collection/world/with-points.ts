import type { Life, Scheduler } from './scheduler.js';

/** Sees what a call has answered, before anybody else goes on. */
export type Observer<P> = {
  readonly [M in keyof P]?: P[M] extends (...args: infer A) => Promise<infer R>
    ? (result: R, ...args: A) => void
    : never;
};

/** A port each of whose calls waits for its turn. */
export function withPoints<P extends object>(
  port: P,
  name: string,
  scheduler: Scheduler,
  life: Life,
  observer: Observer<P> = {},
): P {
  return new Proxy(port, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') return member;
      const observe = (observer as Record<PropertyKey, ((...args: unknown[]) => void) | undefined>)[key];
      return async (...args: unknown[]) => {
        await scheduler.point(life, `${name}.${String(key)}`);
        return scheduler.running(async () => {
          const result: unknown = await Reflect.apply(member, target, args);
          observe?.(result, ...args);
          return result;
        });
      };
    },
  });
}
