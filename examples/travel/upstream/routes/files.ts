import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type Call, type Route, sendJson, sendProblem } from '../call.ts'

/** Counts what arrives and keeps length and digest, not the bytes. */
async function uploadFile({ request, response, database, params }: Call): Promise<void> {
  const digest = createHash('sha256')
  let bytes = 0
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length
    digest.update(chunk as Buffer)
  }
  const row = database
    .prepare('INSERT OR REPLACE INTO files VALUES (?, ?, ?) RETURNING name, bytes, sha256')
    .get(params[0] ?? '', bytes, digest.digest('hex'))
  sendJson(response, 201, row)
}

/** As many zeros as were once uploaded under this name. */
function downloadFile({ response, database, params }: Call): void {
  const row = database.prepare('SELECT bytes FROM files WHERE name = ?').get(params[0] ?? '')
  if (row === undefined) {
    sendProblem(response, 404, 'No such file')
    return
  }
  const bytes = Number(row['bytes'])
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes })
  Readable.from(zeros(bytes)).pipe(response)
}

function* zeros(bytes: number): Generator<Buffer> {
  const block = Buffer.alloc(65536)
  for (let left = bytes; left > 0; left -= block.length)
    yield left < block.length ? block.subarray(0, left) : block
}

export const fileRoutes: readonly Route[] = [
  ['PUT', /^\/files\/([^/]+)$/, uploadFile],
  ['GET', /^\/files\/([^/]+)$/, downloadFile],
]
