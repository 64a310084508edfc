// The dependency rule of docs/architecture.md, executable. Checked by scripts/check-layers.mjs and by a test.
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { pathNot: allowed },
});

/** The package may be imported in one place alone. */
const confined = (pkg, place) => ({
  name: `${pkg}-only-in-${place.replaceAll('/', '-')}`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${place}/` },
  to: { path: `node_modules/(${pkg}|@types/${pkg}[^/]*)/` },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('domain-is-pure', '^src/domain/', ['^src/domain/', '^(node:)?crypto$']),
    only('application-sees-only-domain', '^src/application/', [
      '^src/(application|domain)/',
      '^(node:)?(stream|stream/promises|crypto)$',
    ]),
    {
      name: 'infrastructure-never-looks-out',
      severity: 'error',
      from: { path: '^src/infrastructure/' },
      to: { path: '^src/(interfaces|container|main)' },
    },
    {
      name: 'interfaces-never-touch-adapters',
      severity: 'error',
      from: { path: '^src/interfaces/' },
      to: { path: '^src/(infrastructure|container|main)' },
    },
    {
      name: 'only-main-composes',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(container/|main\\.ts$)' },
      to: { path: '^src/container/' },
    },
    confined('inversify', 'container'),
    confined('express', 'interfaces/http'),
    confined('yargs', 'interfaces/cli'),
    confined('winston', 'infrastructure/observability'),
    confined('prom-client', 'infrastructure/observability'),
    confined('convict', 'infrastructure/config'),
    confined('yaml', 'infrastructure/config'),
    confined('kysely', 'infrastructure/metadata'),
    confined('@photostructure/sqlite', 'infrastructure/metadata'),
    confined('node-forge', 'infrastructure/tls'),
    confined('lru-cache', 'infrastructure'),
    confined('jose', 'infrastructure/security'),
    confined('@node-rs/bcrypt', 'infrastructure/security'),
    confined('aws4', 'infrastructure/storage/drivers/s3'),
    confined('fast-xml-parser', 'infrastructure/storage/drivers/s3'),
    confined('@aws-sdk/[^/]+', 'infrastructure/storage/drivers/s3'),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
