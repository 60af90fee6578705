import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadJob, LoadResult } from '../load.ts'
import { pin } from '../pinned-process.ts'
import type { Site } from '../site.ts'

/** A load generator in a process of its own. */
export interface LoadProcess {
  readonly result: Promise<LoadResult>
  /** Ends it early; the result is of what was done until then. */
  stop(): void
}

let jobs = 0

export function startLoad(site: Site, job: LoadJob, core: number | undefined): LoadProcess {
  const file = join(site.folder, `load-${jobs++}.json`)
  writeFileSync(file, JSON.stringify(job))
  const [command = '', ...args] = pin(core, [
    process.execPath,
    join(import.meta.dirname, '..', 'load.ts'),
    file,
  ])
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  return { result: resultOf(child), stop: () => void child.kill('SIGTERM') }
}

async function resultOf(child: ChildProcess): Promise<LoadResult> {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  await new Promise((resolve) => child.once('close', resolve))
  return JSON.parse(text) as LoadResult
}

/** Good calls as a client sends them, each with one of the site's tokens. */
export function goodCalls(site: Site): readonly string[] {
  return site.tokens.map(
    (token) =>
      `GET /api/v1/users/123/profile HTTP/1.1\r\nhost: api.travel.example\r\naccept: application/json\r\nauthorization: Bearer ${token}\r\n\r\n`,
  )
}
