import { errorBody } from './oci-error.js';

/** The bytes of a refusal to what never became a request; the connection ends behind it. */
export function rawAnswer(status: string, message: string): string {
  const body = errorBody([{ code: 'UNSUPPORTED', message }]);
  return `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.toString()}`;
}
