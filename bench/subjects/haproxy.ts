import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Pinned, serverCore, startPinned } from '../pinned-process.ts'
import { audience, issuer, type Site } from '../site.ts'
import type { Subject } from '../subject.ts'

/** HAProxy as a plain reverse proxy. */
export const haproxy: Subject = {
  name: 'haproxy',
  title: 'HAProxy',
  packages: ['haproxy'],
  needs: '/usr/sbin/haproxy',
  demands: [],
  start: (site, port, backend) => startHaproxy(site, port, backend, 'haproxy', ''),
}

/** HAProxy that verifies RS256, issuer, audience and expiry, and counts calls per subject; nothing else. */
export const haproxyJwt: Subject = {
  name: 'haproxy-jwt',
  title: 'HAProxy + JWT RS256 + rate limit',
  packages: ['haproxy'],
  needs: '/usr/sbin/haproxy',
  demands: ['token'],
  start: (site, port, backend) =>
    startHaproxy(
      site,
      port,
      backend,
      'haproxy-jwt',
      `
  stick-table type string len 64 size 100k expire 2m store http_req_rate(60s)
  http-request set-var(txn.token) http_auth_bearer
  http-request set-var(txn.alg) http_auth_bearer,jwt_header_query('$.alg')
  http-request set-var(txn.iss) http_auth_bearer,jwt_payload_query('$.iss')
  http-request set-var(txn.aud) http_auth_bearer,jwt_payload_query('$.aud')
  http-request set-var(txn.sub) http_auth_bearer,jwt_payload_query('$.sub')
  http-request set-var(txn.exp) http_auth_bearer,jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 unless { var(txn.alg) -m str RS256 }
  http-request deny deny_status 401 unless { var(txn.iss) -m str ${issuer} }
  http-request deny deny_status 401 unless { var(txn.aud) -m str ${audience} }
  http-request deny deny_status 401 unless { var(txn.token),jwt_verify(txn.alg,"${site.publicKey}") 1 }
  http-request deny deny_status 401 unless { var(txn.exp),sub(txn.now) -m int gt 0 }
  http-request track-sc0 var(txn.sub)
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 2000000000 }
`,
    ),
}

function startHaproxy(
  site: Site,
  port: number,
  backend: number,
  name: string,
  policy: string,
): Promise<Pinned> {
  const file = join(site.folder, `${name}.cfg`)
  writeFileSync(
    file,
    `global
  nbthread 1
  maxconn 8000
defaults
  mode http
  timeout client 600s
  timeout server 60s
  timeout connect 5s
  timeout http-keep-alive 600s
  option http-keep-alive
  http-reuse always
frontend front
  bind 127.0.0.1:${port}${policy}
  default_backend back
backend back
  server one 127.0.0.1:${backend} pool-max-conn 256
`,
  )
  const log = join(site.folder, `${name}.log`)
  return startPinned(serverCore, ['/usr/sbin/haproxy', '-db', '-f', file], port, log)
}
