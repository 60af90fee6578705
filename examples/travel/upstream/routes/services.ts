import { exec } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Call, type Route, readJson, sendJson } from '../call.ts'

const run = promisify(exec)

// OWASP API8:2023, command injection: the file name becomes part of a shell command. It runs in the example's own
// temporary folder and for two seconds at most.
async function startExport({ request, response, database, folder, sub }: Call): Promise<void> {
  const body = await readJson(request)
  const rows = database.prepare('SELECT bookingId, date, status FROM bookings WHERE userId = ?').all(sub)
  writeFileSync(join(folder, 'rows.txt'), rows.map((row) => Object.values(row).join(',')).join('\n'))
  const target = `${body['filename']}.${body['format']}`
  const made = await run(`cp rows.txt ${target}; wc -c < ${target}`, { cwd: folder, timeout: 2000 })
  sendJson(response, 201, {
    filename: target,
    bytes: Number.parseInt(made.stdout, 10) || 0,
    output: made.stdout,
  })
}

// OWASP API7:2023, server-side request forgery: any address is called, and its answer is handed back.
async function createWebhook({ request, response, database, sub }: Call): Promise<void> {
  const body = await readJson(request)
  const url = String(body['url'])
  const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
  const preview = await answer?.text()
  const row = database
    .prepare(
      'INSERT INTO webhooks (userId, url, answered) VALUES (?, ?, ?) RETURNING webhookId, url, answered',
    )
    .get(sub, url, answer?.status ?? 0)
  sendJson(response, 201, { ...row, preview })
}

// OWASP API1:2023: one device may report for another.
async function sendTelemetry({ request, response, database, params }: Call): Promise<void> {
  const body = await readJson(request)
  database
    .prepare('INSERT INTO telemetry VALUES (?, ?, ?, ?, ?)')
    .run(
      params[0] ?? '',
      String(body['time']),
      Number(body['latitude']),
      Number(body['longitude']),
      Number(body['battery'] ?? -1),
    )
  response.writeHead(202).end()
}

// OWASP API4:2023: streams are never counted, and none is ever closed from this side.
function events({ response }: Call): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  let sequence = 0
  const send = (): void => {
    sequence += 1
    response.write(
      `id: ${sequence}\nevent: price\ndata: {"from":"LIS","to":"OSL","price":${21900 - sequence}}\n\n`,
    )
  }
  send()
  const timer = setInterval(send, 1000)
  response.on('close', () => clearInterval(timer))
}

export const serviceRoutes: readonly Route[] = [
  ['POST', /^\/export$/, startExport],
  ['POST', /^\/webhooks$/, createWebhook],
  ['POST', /^\/devices\/([^/]+)\/telemetry$/, sendTelemetry],
  ['GET', /^\/events$/, events],
]
