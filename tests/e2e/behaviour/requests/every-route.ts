import { MEDIA_TYPES } from '../../../../src/domain/content/media-type.js';
import { digestOf } from '../../../support/http-client.js';
import { CONFIG, IMAGE, LAYER } from '../content.js';
import type { Step, StepOptions } from '../step.js';

/** Each route and method once, good requests all, on a repository that `fill` has filled. What is gone is gone. */
export function everyRoute(
  repository: string,
  as: string,
  headers: Readonly<Record<string, string>> = {},
): readonly Step[] {
  const at = `/v2/${repository}`;
  const accept = { accept: MEDIA_TYPES.ociManifest };
  const step = (title: string, request: string, options: StepOptions = {}): Step => [
    `${as}: ${title}`,
    request,
    { ...options, headers: { ...options.headers, ...headers } },
  ];
  return [
    step('base', 'GET /v2/'),
    step('HEAD of base', 'HEAD /v2/'),
    step('OPTIONS of base', 'OPTIONS /v2/'),
    step('nowhere', 'GET /v2/nowhere'),
    step('nowhere else', 'GET /nowhere'),
    step('the root', 'GET /'),
    step('catalog', 'GET /v2/_catalog'),
    step('tags', `GET ${at}/tags/list`),
    step('tags of what is not there', 'GET /v2/not/there/tags/list'),
    step('bad n', `GET ${at}/tags/list?n=x`),
    step('manifest', `GET ${at}/manifests/image`, { headers: accept }),
    step('HEAD of a manifest', `HEAD ${at}/manifests/image`, { headers: accept }),
    step('manifest by digest', `GET ${at}/manifests/${digestOf(IMAGE)}`, { headers: accept }),
    step('manifest that is not there', `GET ${at}/manifests/none`),
    step('manifest of a bad name', 'GET /v2/UPPER/manifests/1'),
    step('blob', `GET ${at}/blobs/${digestOf(LAYER)}`),
    step('HEAD of a blob', `HEAD ${at}/blobs/${digestOf(LAYER)}`),
    step('blob of a bad digest', `GET ${at}/blobs/sha256:abc`),
    step('blob that is not there', `HEAD ${at}/blobs/${digestOf('absent')}`),
    step('begin of an upload', `POST ${at}/blobs/uploads/`),
    step('mount', `POST ${at}/blobs/uploads/?mount=${digestOf(CONFIG)}&from=${repository}`),
    step('bytes', `PATCH ${at}/blobs/uploads/0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f`, { body: 'x' }),
    step('end', `PUT ${at}/blobs/uploads/0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f?digest=${digestOf('x')}`, {
      body: 'x',
    }),
    step('status', `GET ${at}/blobs/uploads/0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f`),
    step('cancel', `DELETE ${at}/blobs/uploads/0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f`),
    step('push of a manifest', `PUT ${at}/manifests/again`, {
      headers: { 'content-type': MEDIA_TYPES.ociManifest },
      body: IMAGE,
    }),
    step('push of a broken manifest', `PUT ${at}/manifests/again`, {
      headers: { 'content-type': MEDIA_TYPES.ociManifest },
      body: '{',
    }),
    step('referrers', `GET ${at}/referrers/${digestOf(IMAGE)}`),
    step('delete of a tag', `DELETE ${at}/manifests/docker`),
    step('delete of a manifest', `DELETE ${at}/manifests/${digestOf('absent')}`),
    step('delete of a blob', `DELETE ${at}/blobs/${digestOf('absent')}`),
    step('wrong method', `POST ${at}/tags/list`),
    step('OPTIONS of a manifest', `OPTIONS ${at}/manifests/image`),
  ];
}
