import { REFERENCE_VERSIONS } from '../support/reference-registry.js';
import { useTree } from './round-trip/use-tree.js';
import { describeOutage, type OutagePlace } from './table-of-changes/describe-outage.js';

const FOLDER: OutagePlace = { called: 'a tree', needs: {}, use: () => useTree('group') };

for (const version of REFERENCE_VERSIONS) {
  for (const home of ['Stowage', version] as const) describeOutage(version, home, FOLDER);
}
