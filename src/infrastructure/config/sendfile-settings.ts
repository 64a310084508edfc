import type { Schema } from 'convict';
import type { Sendfile } from './config.js';
import { formats } from './formats.js';
import { httpFormats } from './http-formats.js';
import { setting } from './setting.js';
import { emptyIsNothing } from './value-format.js';

/** The values of the keys below `http.sendfile`. */
export interface SendfileSettings {
  readonly header: Sendfile['header'] | null;
  readonly location: string | null;
}

/** The keys below `http.sendfile`. */
export const sendfileSettings: Schema<SendfileSettings> = {
  header: setting<SendfileSettings['header']>(
    emptyIsNothing(formats.oneOf('X-Accel-Redirect', 'X-Sendfile')),
    null,
    'Lets the proxies of `trustedproxies` send the bytes of blobs above 64 KiB from their files: by this header nginx (`X-Accel-Redirect`) or Apache (`X-Sendfile`) is told which. All of these proxies must be able to. Only with `storage.filesystem`. The reference registry has no such key.',
    { otherwise: 'none: the registry sends them itself', example: 'X-Accel-Redirect' },
  ),
  location: setting<string | null>(
    emptyIsNothing(httpFormats.location),
    null,
    'With `X-Accel-Redirect`, the internal location in which nginx has the folder of `storage.filesystem.rootdirectory`.',
    { otherwise: 'none; it must be set with `X-Accel-Redirect`', example: '/stowage-files/' },
  ),
};
