// A program of its own: `node relay-process.js PORT TARGET DELAY`, a relay that delays (ms for a round trip). In the process
// of the load generator it would wait for what that does.
import { DelayingRelay } from './delaying-relay.js';

const [port = 0, target = 0, delay = 0] = process.argv.slice(2).map(Number);
await DelayingRelay.listen({ port, target, delay });
process.send?.('listening');
