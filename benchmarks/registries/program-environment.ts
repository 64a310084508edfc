/**
 * What a measured program finds in its environment: this process's, without traces of the reference registry, and without
 * certificates that Node would read before anything else (90 ms of a start where a list of authorities is named).
 */
export function programEnvironment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _certificates, ...environment } = process.env;
  return { ...environment, OTEL_TRACES_EXPORTER: 'none' };
}
