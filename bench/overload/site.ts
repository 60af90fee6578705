import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

const contract = `openapi: 3.1.0
info: { title: Things, version: 1.0.0 }
paths:
  /things:
    get:
      operationId: listThings
      security: []
      responses:
        '200': { description: a thing, content: { application/json: { schema: { type: object } } } }
`

/** An upstream with a capacity and a gateway before it, each a process of its own. */
export interface OverloadSite {
  readonly port: number
  close(): Promise<void>
}

/** `overload`: the section of the configuration, YAML flow. */
export async function startSite(places: number, serviceMs: number, overload: string): Promise<OverloadSite> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-overload-'))
  const children: ChildProcess[] = []
  const start = (args: readonly string[], find: RegExp): Promise<number> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
      children.push(child)
      let text = ''
      const read = (chunk: unknown): void => {
        text += String(chunk)
        const port = find.exec(text)?.[1]
        if (port !== undefined) resolve(Number(port))
      }
      child.stdout?.on('data', read)
      child.stderr?.on('data', read)
      child.once('exit', () => reject(new Error(`ended: ${text.slice(-2000)}`)))
    })
  const close = async (): Promise<void> => {
    await Promise.all(
      children.map(
        (child) =>
          new Promise<void>((resolve) => {
            if (child.exitCode !== null || child.signalCode !== null) return resolve()
            child.once('exit', () => resolve())
            child.kill('SIGKILL')
          }),
      ),
    )
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const upstream = await start(
      [join(root, 'bench', 'overload-upstream.ts'), String(places), String(serviceMs)],
      /^(\d+)\n/,
    )
    writeFileSync(join(folder, 'things.yaml'), contract)
    const file = join(folder, 'sallyport.yaml')
    writeFileSync(
      file,
      `listen: [{ address: 127.0.0.1:0 }]
store: { durable: none }
log: { events: none }
overload: ${overload}
issuers: {}
apis:
  things:
    contract: things.yaml
    upstream: { url: "http://127.0.0.1:${upstream}", identity: false }
`,
    )
    const port = await start(
      [join(root, 'bin', 'sallyport.js'), 'serve', '--config', file],
      /http:\/\/127\.0\.0\.1:(\d+)/,
    )
    return { port, close }
  } catch (error) {
    await close()
    throw error
  }
}
