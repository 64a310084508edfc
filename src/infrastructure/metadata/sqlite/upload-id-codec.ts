import { UploadId } from '../../../domain/upload/upload-id.js';

/** An upload's UUID as its 16 bytes. */
export function encodeUploadId(id: UploadId): Buffer {
  return Buffer.from(id.toString().replaceAll('-', ''), 'hex');
}

export function decodeUploadId(bytes: Uint8Array): UploadId {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  const id = UploadId.parse(groups.join('-'));
  if (id === undefined) throw new Error(`the metadata database holds ${hex} as the id of an upload`);
  return id;
}
