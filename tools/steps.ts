import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Name, command, arguments. */
export type Step = readonly [name: string, command: string, args: readonly string[]]

/** A step that hangs is ended and fails: no step takes longer on the slowest machine we know. */
const longestMs = 25 * 60_000

/** Runs steps one after another in the repository's root; returns the exit code of the first that fails, or 0. */
export function runSteps(steps: readonly Step[]): number {
  const root = fileURLToPath(new URL('..', import.meta.url))
  for (const [name, command, args] of steps) {
    const started = performance.now()
    const ran = spawnSync(command, [...args], { cwd: root, stdio: 'inherit', timeout: longestMs })
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const code = ran.status ?? 1
    console.error(`${code === 0 ? 'ok' : 'FAILED'}: ${name} (${seconds} s)`)
    if (ran.error !== undefined) console.error(ran.error.message)
    if (code !== 0) return code
  }
  return 0
}
