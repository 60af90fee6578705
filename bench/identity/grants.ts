import { loadCore } from '../pinned-process.ts'
import type { Site } from '../site.ts'
import { startLoad } from './load-process.ts'
import type { TravelWithAuthority } from './travel-with-authority.ts'

const requests = 2_000

/** Client-credential grants a second, over 16 connections that are never idle: the best of some rounds. */
export async function measureGrants(
  site: Site,
  { port, client }: TravelWithAuthority,
  rounds: number,
): Promise<{ readonly perSecond: number; readonly failures: number }> {
  const body = 'grant_type=client_credentials&scope=calendar%3Aread'
  const basic = Buffer.from(`${client.id}:${client.secret}`).toString('base64')
  const call = `POST /auth/token HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Basic ${basic}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  let perSecond = 0
  let failures = 0
  for (let round = 0; round < rounds; round++) {
    // All are due at once: the last one's latency is the time of all.
    const job = { port, rate: 1e6, seconds: requests / 1e6, connections: 16, requests: [call] }
    const { max, failures: failed } = await startLoad(site, job, loadCore).result
    perSecond = Math.max(perSecond, (requests / max) * 1000)
    failures += failed
  }
  return { perSecond, failures }
}
