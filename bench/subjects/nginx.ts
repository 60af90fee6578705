import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Pinned, serverCore, startPinned } from '../pinned-process.ts'
import { scenarios } from '../scenario.ts'
import type { Site } from '../site.ts'
import type { Subject } from '../subject.ts'

/** The backend of every subject: nginx with fixed replies, the cheapest upstream that Debian ships. */
export function startBackend(site: Site, core: number, port: number): Promise<Pinned> {
  const locations = scenarios.map(
    ({ path, reply }) =>
      `location = ${path} { default_type application/json; return ${reply.status} '${reply.body}'; }`,
  )
  return startNginx(site, core, port, `backend-${core}`, '', locations.join('\n'))
}

/** The backend itself, as a subject: what nothing in front of it costs. */
export const bareUpstream: Subject = {
  name: 'upstream',
  title: 'bare upstream (nginx, fixed reply)',
  packages: ['nginx'],
  needs: '/usr/sbin/nginx',
  demands: [],
  start: (site, port) => startBackend(site, serverCore, port),
}

const proxied =
  'location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; }'

/** nginx as a plain reverse proxy. */
export const nginx: Subject = {
  name: 'nginx',
  title: 'nginx proxy_pass',
  packages: ['nginx'],
  needs: '/usr/sbin/nginx',
  demands: [],
  start: (site, port, backend) => startNginx(site, serverCore, port, 'nginx', upstream(backend), proxied),
}

const waf = '/usr/lib/nginx/modules/ngx_http_modsecurity_module.so'

/** nginx with ModSecurity and the Core Rule Set, blocking, without audit log. */
export const modsecurity: Subject = {
  name: 'modsecurity',
  title: 'nginx + ModSecurity + CRS',
  packages: ['nginx', 'libnginx-mod-http-modsecurity', 'modsecurity-crs'],
  needs: waf,
  demands: ['clean-input'],
  start: (site, port, backend) => {
    const rules = join(site.folder, 'modsecurity.conf')
    writeFileSync(
      rules,
      `Include /etc/nginx/modsecurity.conf
SecRuleEngine On
SecAuditEngine Off
SecStatusEngine Off
Include /etc/modsecurity/crs/crs-setup.conf
Include /usr/share/modsecurity-crs/rules/*.conf
`,
    )
    const guarded = `${upstream(backend)}\nmodsecurity on;\nmodsecurity_rules_file ${rules};`
    return startNginx(site, serverCore, port, 'modsecurity', guarded, proxied, `load_module ${waf};`)
  },
}

function upstream(backend: number): string {
  return `upstream backend { server 127.0.0.1:${backend}; keepalive 256; keepalive_requests 1000000; }`
}

function startNginx(
  site: Site,
  core: number,
  port: number,
  name: string,
  http: string,
  server: string,
  main = '',
): Promise<Pinned> {
  const folder = join(site.folder, `${name}-${port}`)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `${main}
daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 16384; }
http {
  access_log off; keepalive_requests 1000000; keepalive_timeout 600s;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  ${http}
  server { listen 127.0.0.1:${port}; ${server} }
}
`,
  )
  const log = join(folder, 'log')
  return startPinned(core, ['/usr/sbin/nginx', '-p', folder, '-e', 'stderr', '-c', file], port, log)
}
