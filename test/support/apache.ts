import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const program = '/usr/sbin/apache2'
const modules = '/usr/lib/apache2/modules'

/** Options of a test that needs Debian's Apache with mod_auth_openidc: absent, it is skipped and says so; under CI=true it fails. */
export function needsApache(): { readonly skip: string | false; readonly timeout: number } {
  const there = existsSync(program) && existsSync(join(modules, 'mod_auth_openidc.so'))
  return {
    skip:
      !there &&
      process.env['CI'] !== 'true' &&
      'no Apache with mod_auth_openidc on this machine: none has logged in (apt-get install libapache2-mod-auth-openidc)',
    timeout: 60_000,
  }
}

/** An Apache of one's own, with a page that only who has logged in may see. */
export interface RunningApache extends AsyncDisposable {
  readonly origin: string
  /** Its error log, for a test that fails. */
  log(): string
}

export interface ApacheOptions {
  readonly port: number
  /** Directives of mod_auth_openidc, one a line. */
  readonly directives: readonly string[]
  /** PEM file of the authority that Apache trusts. */
  readonly authorityFile: string
}

/**
 * Starts it as a child, with everything in a temporary folder. Below `/app/` one must be logged in; replies say who is:
 * `X-User`, `X-Email`, `X-Access-Token`. Rejects with its own words where it does not come up.
 */
export async function startApache(options: ApacheOptions): Promise<RunningApache> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-apache-'))
  const root = process.getuid?.() === 0
  // Its children are another user where it starts as root.
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'pages/app'), { recursive: true })
  writeFileSync(join(folder, 'pages/app/index.html'), '<!doctype html><title>Inside</title><h1>Inside</h1>')
  writeFileSync(join(folder, 'pages/index.html'), '<!doctype html><title>Outside</title><h1>Outside</h1>')
  copyFileSync(options.authorityFile, join(folder, 'authority.pem'))
  chmodSync(join(folder, 'authority.pem'), 0o644)
  const origin = `http://127.0.0.1:${options.port}`
  writeFileSync(
    join(folder, 'apache.conf'),
    `ServerRoot ${folder}
ServerName 127.0.0.1:${options.port}
Listen 127.0.0.1:${options.port}
PidFile ${folder}/apache.pid
ErrorLog ${folder}/error.log
LogLevel warn auth_openidc:info
Mutex file:${folder} default
${root ? 'User www-data\nGroup www-data' : ''}
${['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'headers', 'auth_openidc']
  .map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`)
  .join('\n')}
StartServers 1
ServerLimit 1
ThreadsPerChild 4
MaxRequestWorkers 4
MinSpareThreads 1
MaxSpareThreads 4
DocumentRoot ${folder}/pages
DirectoryIndex index.html
OIDCCABundlePath ${folder}/authority.pem
${options.directives.join('\n')}
<Location /app/>
  AuthType openid-connect
  Require valid-user
  Header set X-User "expr=%{REMOTE_USER}"
  Header set X-Email "%{OIDC_CLAIM_email}e"
  Header set X-Access-Token "%{OIDC_access_token}e"
</Location>
`,
    { mode: 0o600 },
  )
  const child = spawn(program, ['-f', join(folder, 'apache.conf'), '-DFOREGROUND'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'] },
  })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const close = async (): Promise<void> => {
    await stop(child)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await answers(origin, child)
  } catch (error) {
    await close()
    assert.fail(`${error}: ${said}`)
  }
  const log = (): string => readFileSync(join(folder, 'error.log'), 'utf8')
  return { origin, log, [Symbol.asyncDispose]: close }
}

async function answers(origin: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (child.exitCode !== null) throw new Error(`Apache ended with ${child.exitCode}`)
    const answer = await fetch(origin).catch(() => undefined)
    if (answer?.status === 200) return
    await wait(50)
  }
  throw new Error('Apache does not answer')
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await ended
  clearTimeout(late)
}
