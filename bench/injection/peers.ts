import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import type { Target } from './permissive.ts'

const waf = '/usr/lib/nginx/modules/ngx_http_modsecurity_module.so'

/** True where nginx, ModSecurity and the Core Rule Set are installed. */
export function hasModsecurity(): boolean {
  return existsSync(waf) && existsSync('/usr/share/modsecurity-crs/rules') && existsSync('/usr/sbin/nginx')
}

/** nginx with ModSecurity and the Core Rule Set of Debian, blocking, at a paranoia level, in front of an upstream. */
export async function startModsecurity(upstream: number, paranoia: number): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-crs-'))
  const port = await freePort()
  mkdirSync(join(folder, 'temp'))
  writeFileSync(
    join(folder, 'rules.conf'),
    `Include /etc/nginx/modsecurity.conf
SecRuleEngine On
SecAuditEngine Off
SecStatusEngine Off
Include /etc/modsecurity/crs/crs-setup.conf
SecAction "id:900000,phase:1,nolog,pass,t:none,setvar:tx.paranoia_level=${paranoia}"
SecAction "id:900200,phase:1,nolog,pass,t:none,setvar:'tx.allowed_methods=GET HEAD POST OPTIONS PUT PATCH DELETE'"
Include /usr/share/modsecurity-crs/rules/*.conf
`,
  )
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/temp/${kind};`)
    .join(' ')
  writeFileSync(
    join(folder, 'nginx.conf'),
    `load_module ${waf};
daemon off; worker_processes 1; pid ${folder}/pid; error_log /dev/null crit;
events { worker_connections 4096; }
http {
  access_log off; ${temp} client_max_body_size 2m;
  modsecurity on; modsecurity_rules_file ${folder}/rules.conf;
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${upstream}; } }
}
`,
  )
  const child = spawn('/usr/sbin/nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: 'ignore',
  })
  await listening(port)
  return {
    name: `nginx + ModSecurity + CRS 3.3 PL${paranoia}`,
    port,
    close: () =>
      new Promise((resolve) => {
        child.on('exit', () => {
          rmSync(folder, { recursive: true, force: true })
          resolve()
        })
        child.kill('SIGTERM')
      }),
  }
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('nginx does not listen')
}
