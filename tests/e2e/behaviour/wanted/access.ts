import type { Wanted } from '../compare.js';

export const ACCESS: readonly Wanted[] = [
  {
    reason: 'cancel',
    what: 'header www-authenticate',
    reference:
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:team/app:delete"',
    stowage:
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:team/app:push"',
    at: ['token, nobody: nobody: cancel'],
  },
  {
    reason: 'cancel',
    what: 'header www-authenticate',
    reference:
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:team/app:delete",error="insufficient_scope"',
    stowage:
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:team/app:push",error="insufficient_scope"',
    at: ['*: cancel'],
  },
  {
    reason: 'cancel',
    what: 'outcome',
    reference: '401 UNAUTHORIZED +www-authenticate',
    stowage: '404 BLOB_UPLOAD_UNKNOWN',
    at: ['token, push: push: cancel'],
  },
  {
    reason: 'credentials-first',
    what: 'outcome',
    reference: '404 no error of OCI +x-content-type-options',
    stowage: '401 UNAUTHORIZED +www-authenticate',
    at: ['*: nowhere', '*: manifest of a bad name', '*: referrers', '*: GET /v2/nowhere'],
  },
  {
    reason: 'broken-token',
    what: 'header www-authenticate',
    reference: 'Bearer realm="https://auth.example/token",service="registry.example"',
    stowage: 'Bearer realm="https://auth.example/token",service="registry.example",error="invalid_token"',
    at: ['token, bad: cut: GET /v2/'],
  },
  {
    reason: 'broken-token',
    what: 'header www-authenticate',
    reference:
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:team/app:pull"',
    stowage:
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:team/app:pull",error="invalid_token"',
    at: ['token, bad: cut: GET /v2/team/app/tags/list'],
  },
  {
    reason: 'broken-token',
    what: 'header www-authenticate',
    reference:
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:team/app:pull,push"',
    stowage:
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:team/app:pull,push",error="invalid_token"',
    at: ['token, bad: cut: POST /v2/team/app/blobs/uploads/'],
  },
  {
    reason: 'mount-rights',
    what: 'outcome',
    reference: '401 UNAUTHORIZED +www-authenticate',
    stowage: '202 +docker-upload-uuid +location +range',
    at: ['token, mounts: from elsewhere, push'],
  },
];
