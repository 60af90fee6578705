import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadCore, pin } from './pinned-process.ts'
import { host, type Scenario } from './scenario.ts'
import type { Site } from './site.ts'

export interface Saturation {
  readonly requests: number
  readonly seconds: number
  /** Replies that are not 2xx, and connections that broke. */
  readonly failures: number
}

/** Drives one scenario as fast as `connections` connections can, by wrk on the load core. */
export async function saturate(
  site: Site,
  scenario: Scenario,
  port: number,
  seconds: number,
  connections = 64,
): Promise<Saturation> {
  const script = join(site.folder, `${scenario.name}.lua`)
  writeFileSync(script, luaScript(site, scenario))
  const url = `http://127.0.0.1:${port}`
  const [file = '', ...args] = pin(loadCore, [
    'wrk',
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--timeout',
    '10s',
    '-s',
    script,
    url,
  ])
  const output = await run(file, args)
  const summary = /^SUMMARY (\d+) (\d+) (\d+)$/m.exec(output)
  if (summary === null) throw new Error(`wrk said: ${output.slice(-500)}`)
  return { requests: Number(summary[1]), seconds: Number(summary[2]) / 1e6, failures: Number(summary[3]) }
}

// Every request is built once; the tokens take turns.
function luaScript(site: Site, { method, path, body }: Scenario): string {
  const content = body === undefined ? '' : `headers["Content-Type"] = "application/json"\n`
  return `local tokens = { ${site.tokens.map((token) => `"${token}"`).join(', ')} }
local requests, at = {}, 0
init = function()
  for index, token in ipairs(tokens) do
    local headers = { Host = "${host}", Accept = "application/json", ["User-Agent"] = "bench/1.0" }
    headers["Authorization"] = "Bearer " .. token
    ${content}
    requests[index] = wrk.format("${method}", "${path}", headers, ${body === undefined ? 'nil' : `[==[${body}]==]`})
  end
end
request = function()
  at = at % #requests + 1
  return requests[at]
end
done = function(summary)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("SUMMARY %d %d %d\\n", summary.requests, summary.duration, failures))
end
`
}

function run(file: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.once('error', reject)
    child.once('exit', () => resolve(output))
  })
}
