import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort, type OwnedProcess, spawnOwned } from '../support/servers/owned-process.ts'

export type BackendName = 'nginx' | 'HAProxy' | 'Apache' | 'Node'

/** A server that puts every request on record that it believes to have got, well-formed or not. */
export interface Backend {
  readonly port: number
  /** `METHOD target id` of each. */
  seen(): Promise<readonly string[]>
  stop(): Promise<void>
}

interface Kind {
  readonly name: BackendName
  readonly program: string
  /** Writes its files; returns its arguments. */
  configure(folder: string, port: number): readonly string[]
  /** Where its record is; undefined: it says it on standard output. */
  readonly log: string | undefined
}

const apacheModules = '/usr/lib/apache2/modules'

const kinds: readonly Kind[] = [
  {
    name: 'nginx',
    program: '/usr/sbin/nginx',
    log: 'seen.log',
    configure(folder, port) {
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
        .join('\n')
      writeFileSync(
        join(folder, 'nginx.conf'),
        `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log crit;
events { worker_connections 1024; }
http {
log_format seen '$request_method $request_uri $http_x_request_id';
access_log ${folder}/seen.log seen;
keepalive_requests 1000000; keepalive_timeout 600s;
${temporary}
server { listen 127.0.0.1:${port}; location / { add_header X-Echo $http_x_request_id always; default_type text/plain; return 200 ok; } }
}
`,
      )
      return ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')]
    },
  },
  {
    name: 'HAProxy',
    program: '/usr/sbin/haproxy',
    log: undefined,
    configure(folder, port) {
      writeFileSync(
        join(folder, 'haproxy.cfg'),
        `global
  nbthread 1
  maxconn 1000
  log stdout format raw local0
defaults
  mode http
  log global
  timeout client 600s
  timeout server 60s
  timeout connect 5s
  timeout http-keep-alive 600s
frontend front
  bind 127.0.0.1:${port}
  http-request capture req.hdr(x-request-id) len 128
  log-format "seen %HM %HU %[capture.req.hdr(0)] %ts"
  http-request return status 200 content-type text/plain hdr X-Echo "%[req.hdr(x-request-id)]" string ok
`,
      )
      return ['-db', '-f', join(folder, 'haproxy.cfg')]
    },
  },
  {
    name: 'Apache',
    program: '/usr/sbin/apache2',
    log: 'seen.log',
    configure(folder, port) {
      chmodSync(folder, 0o755)
      mkdirSync(join(folder, 'pages'))
      writeFileSync(join(folder, 'pages', 'ok'), 'ok')
      writeFileSync(
        join(folder, 'apache.conf'),
        `ServerRoot ${folder}
ServerName 127.0.0.1:${port}
Listen 127.0.0.1:${port}
PidFile ${folder}/apache.pid
ErrorLog ${folder}/error.log
LogLevel crit
Mutex file:${folder} default
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
${['mpm_event', 'authz_core', 'headers', 'rewrite'].map((name) => `LoadModule ${name}_module ${apacheModules}/mod_${name}.so`).join('\n')}
StartServers 1
ServerLimit 2
ThreadsPerChild 64
MaxRequestWorkers 128
KeepAliveTimeout 600
MaxKeepAliveRequests 0
Timeout 60
AllowEncodedSlashes NoDecode
LogFormat "%r %{X-Request-Id}i" seen
CustomLog ${folder}/seen.log seen
DocumentRoot ${folder}/pages
Header always set X-Echo "expr=%{req:X-Request-Id}"
RewriteEngine on
RewriteRule ^ - [R=204,L]
`,
      )
      return ['-f', join(folder, 'apache.conf'), '-DFOREGROUND']
    },
  },
  {
    name: 'Node',
    program: process.execPath,
    log: 'seen.log',
    configure(folder, port) {
      writeFileSync(join(folder, 'seen.log'), '')
      return [join(import.meta.dirname, 'children', 'backend.ts'), String(port), join(folder, 'seen.log')]
    },
  },
]

export const backendNames: readonly BackendName[] = kinds.map(({ name }) => name)

/** Options of a test that needs a backend: absent, it is skipped and says so; under CI=true it fails. */
export function needsBackend(name: BackendName): { readonly skip: string | false } {
  const program = kinds.find((kind) => kind.name === name)?.program ?? ''
  return {
    skip:
      !existsSync(program) &&
      process.env['CI'] !== 'true' &&
      `no ${name} on this machine: nothing went to it`,
  }
}

export async function startBackend(name: BackendName, folder: string): Promise<Backend> {
  const kind = kinds.find((one) => one.name === name)
  if (kind === undefined) throw new Error(`no backend ${name}`)
  mkdirSync(folder, { recursive: true })
  const port = await freePort()
  const running = spawnOwned(kind.program, kind.configure(folder, port))
  const log = join(folder, kind.log ?? 'seen.log')
  if (kind.log === undefined) {
    // All of it, not only the end that is kept.
    writeFileSync(log, '')
    running.child.stdout?.on('data', (chunk: Buffer) => appendFileSync(log, chunk))
  }
  await listening(running, port, name)
  return {
    port,
    async seen() {
      let size = -1
      let text = ''
      // What it has seen it may write a moment later.
      for (let tries = 0; tries < 40 && text.length !== size; tries++) {
        size = text.length
        await wait(250)
        text = existsSync(log) ? readFileSync(log, 'latin1') : ''
      }
      return text
        .split('\n')
        .filter((line) => line !== '' && !isBrokenOff(line))
        .map(parsed)
    },
    // Asked to end, it ends its children too.
    stop: () => running.stop('SIGTERM'),
  }
}

/** HAProxy also writes down connections that end before there is a request. */
function isBrokenOff(line: string): boolean {
  return /^seen <BADREQ> .* CR$/.test(line)
}

/** Apache writes the whole request line, HAProxy a word before it. */
function parsed(line: string): string {
  const words = line.replace(/^seen (.*) \S+$/, '$1').split(' ')
  const [method = '', target = ''] = words
  return `${method} ${target.split('?')[0]} ${words.at(-1)}`
}

async function listening(running: OwnedProcess, port: number, name: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (running.child.exitCode !== null) break
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
    if (open) return
    await wait(50)
  }
  await running.stop('SIGTERM')
  throw new Error(`${name} did not come up: ${running.output()}`)
}
