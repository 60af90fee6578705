import { request } from 'node:http'
import { adminPorts } from './subjects/sallyport.ts'

/** Mean microseconds of each stage, from the running gateway's own histogram at `/metrics`. */
export async function stageCost(port: number): Promise<Readonly<Record<string, number>>> {
  const admin = adminPorts.get(port)
  if (admin === undefined) return {}
  const text = await read(admin, '/metrics')
  const sums = new Map<string, number>()
  const counts = new Map<string, number>()
  const line = /^sallyport_stage_duration_seconds_(sum|count)\{([^}]*)\} (\S+)$/gm
  for (const [, what, labels = '', value] of text.matchAll(line)) {
    const stage = /stage="([^"]*)"/.exec(labels)?.[1]
    if (stage === undefined) continue
    const into = what === 'sum' ? sums : counts
    into.set(stage, (into.get(stage) ?? 0) + Number(value))
  }
  return Object.fromEntries(
    [...sums].map(([stage, sum]) => [stage, (sum / (counts.get(stage) ?? Number.NaN)) * 1e6]),
  )
}

function read(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
    })
      .on('error', reject)
      .end()
  })
}
