import type { StorageDriver } from '../application/ports/storage/storage-driver.js';

/** Whether any registry has stored something there. Rejects with StorageFault. */
export async function hasContent(driver: StorageDriver): Promise<boolean> {
  return (await driver.list('docker/registry/v2')).length > 0;
}
