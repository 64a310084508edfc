/** What became of an upload session (upload.state). */
export const UPLOAD_STATE = { open: 0, completed: 1, cancelled: 2 } as const;

export type UploadState = (typeof UPLOAD_STATE)[keyof typeof UPLOAD_STATE];
