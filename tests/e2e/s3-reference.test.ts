import { REFERENCE_VERSIONS } from '../support/reference-registry.js';
import { NEEDS_RGW, useRgwBucket } from '../support/rgw.js';
import { s3Section } from '../support/s3-section.js';
import { useTree } from './round-trip/use-tree.js';
import { describeOutage, type OutagePlace } from './table-of-changes/describe-outage.js';

/** A bucket that is written by the one and served by the other, with keys below a root directory and without. */
function bucketWith(rootdirectory: string): OutagePlace {
  return {
    called: `a bucket (rootdirectory ${JSON.stringify(rootdirectory)})`,
    needs: NEEDS_RGW,
    use: () => {
      const bucket = useRgwBucket();
      return useTree('group', () => s3Section(bucket(), rootdirectory));
    },
  };
}

for (const version of REFERENCE_VERSIONS) {
  describeOutage(version, 'Stowage', bucketWith('images/of/ours'));
  describeOutage(version, version, bucketWith(''));
}
