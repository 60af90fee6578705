import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LoadJob, LoadResult } from './load.ts'
import { loadCore, pin } from './pinned-process.ts'
import { host, type Scenario } from './scenario.ts'
import type { Site } from './site.ts'

const run = promisify(execFile)

/** Latency of one scenario at a constant arrival rate, from the load core. */
export async function fixedRate(
  site: Site,
  scenario: Scenario,
  port: number,
  rate: number,
  seconds: number,
): Promise<LoadResult> {
  const requests = site.tokens.map((token) => wireRequest(scenario, token))
  const job: LoadJob = { port, rate, seconds, connections: 32, requests }
  const file = join(site.folder, 'load.json')
  writeFileSync(file, JSON.stringify(job))
  const [command = '', ...args] = pin(loadCore, [
    process.execPath,
    join(import.meta.dirname, 'load.ts'),
    file,
  ])
  const { stdout } = await run(command, args)
  return JSON.parse(stdout) as LoadResult
}

function wireRequest({ method, path, body }: Scenario, token: string): string {
  const content =
    body === undefined
      ? ''
      : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
  return `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\naccept: application/json\r\nuser-agent: bench/1.0\r\nauthorization: Bearer ${token}\r\n${content}\r\n${body ?? ''}`
}
