/**
 * Lets everything else that waits have its turn first. For work that goes on for long without a wait for storage or client:
 * promises that are settled already give nothing else a turn.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
