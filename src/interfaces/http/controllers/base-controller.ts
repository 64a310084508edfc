import type { Exchange } from '../exchange.js';
import { answerJson } from '../presenters/json-list.js';

/** `/v2/`: says that this is a registry (OCI end-1). */
export class BaseController {
  async get(exchange: Exchange): Promise<void> {
    answerJson(exchange, {});
  }
}
