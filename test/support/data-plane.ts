import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from './free-port.ts'

/** A data plane in front of an API, with its shipped configuration. */
export interface RunningDataPlane extends AsyncDisposable {
  readonly origin: string
}

const programs = { nginx: '/usr/sbin/nginx', caddy: '/usr/bin/caddy' } as const
export type DataPlane = keyof typeof programs

/** Options of a test that needs a data plane: absent, it is skipped and says so; under CI=true it fails. */
export function needsDataPlane(name: DataPlane): { readonly skip: string | false; readonly timeout: number } {
  const absent = !existsSync(programs[name]) && process.env['CI'] !== 'true'
  return {
    skip: absent && `no ${name} on this machine (apt-get install ${name}): nothing was asked`,
    timeout: 60_000,
  }
}

/** Starts it with the file of `deploy/`, in which only the ports are replaced. */
export async function startDataPlane(
  name: DataPlane,
  ports: { readonly decision: string; readonly api: string },
): Promise<RunningDataPlane> {
  const folder = mkdtempSync(join(tmpdir(), `sallyport-${name}-`))
  const port = await freePort()
  const shipped = name === 'nginx' ? 'nginx/sallyport.conf' : 'caddy/Caddyfile'
  const text = readFileSync(join(import.meta.dirname, '../../deploy', shipped), 'utf8')
    // In one go: a port that was put in may begin with one that is sought.
    .replaceAll(/127\.0\.0\.1:(8080|9191|4000)\b/g, (_all, known: string) => {
      if (known === '8080') return `127.0.0.1:${port}`
      return new URL(known === '9191' ? ports.decision : ports.api).host
    })
  const file = join(folder, name === 'nginx' ? 'nginx.conf' : 'Caddyfile')
  writeFileSync(file, name === 'nginx' ? nginxMain(folder, text) : text)
  const args = name === 'nginx' ? ['-p', folder, '-c', file, '-g', 'daemon off;'] : ['run', '--config', file]
  const child = spawn(programs[name], args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  })
  let said = ''
  child.stderr.on('data', (text: Buffer) => {
    said = (said + text.toString()).slice(-4000)
  })
  const origin = `http://127.0.0.1:${port}`
  const close = async (): Promise<void> => {
    await ended(child)
    rmSync(folder, { recursive: true, force: true })
  }
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) break
    const up = await fetch(origin, { headers: { connection: 'close' } }).then(
      (response) => response.arrayBuffer().then(() => true),
      () => false,
    )
    if (up) return { origin, [Symbol.asyncDispose]: close }
    await wait(50)
  }
  await close()
  throw new Error(`${name} did not come up: ${said}`)
}

function nginxMain(folder: string, server: string): string {
  const root = process.getuid?.() === 0 ? 'user root;' : ''
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
    .join('\n')
  return `${root}
pid ${folder}/nginx.pid;
error_log stderr error;
worker_processes 1;
events { worker_connections 64; }
http {
access_log off;
${temporary}
${server}
}
`
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const over = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000)
  await over
  clearTimeout(timer)
}
