// The image's HEALTHCHECK: ends with 0 when the registry answers where its configuration lets it listen, else with 1 and
// the reason. `/` needs no password, and answers 503 while one of the configured health checks fails.
import { spawnSync } from 'node:child_process';
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';

const PATIENCE = 8_000;

/** Where to ask, as the options of a request. */
function placeOf(addr) {
  if (addr.includes('/')) return { socketPath: addr };
  const colon = addr.lastIndexOf(':');
  const host = addr.slice(0, colon).replace(/^\[|\]$/g, '');
  const everywhere = { '': '127.0.0.1', '0.0.0.0': '127.0.0.1', '::': '::1' };
  return { host: everywhere[host] ?? host, port: addr.slice(colon + 1) };
}

function configured() {
  const { status, stdout } = spawnSync('stowage', ['config', 'show', '--json'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) process.exit(1);
  const values = new Map(JSON.parse(stdout).map(({ key, value }) => [key, value]));
  return { place: placeOf(values.get('http.addr')), encrypted: values.get('http.tls.certificate') !== null };
}

function end(reason) {
  if (reason !== undefined) process.stderr.write(`${reason}\n`);
  process.exit(reason === undefined ? 0 : 1);
}

const { place, encrypted } = configured();
const request = encrypted ? overHttps : overHttp;
// The certificate names the registry as clients know it, and not this loopback address.
request({ ...place, path: '/', timeout: PATIENCE, rejectUnauthorized: false })
  .on('response', ({ statusCode }) =>
    end(statusCode === 200 ? undefined : `the registry answers with ${statusCode}`),
  )
  .on('timeout', () => end(`the registry has not answered for ${PATIENCE / 1_000} s`))
  // It wants a certificate of clients, which is not to be had here: that is an answer too.
  .on('error', ({ code = '', message }) => end(/^ERR_SSL_.*ALERT/.test(code) ? undefined : message))
  .end();
