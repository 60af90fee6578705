import { Agent, request } from 'node:http'
import type { LoadResult } from '../load.ts'
import type { Site } from '../site.ts'
import { goodCalls, startLoad } from './load-process.ts'
import type { TravelWithAuthority } from './travel-with-authority.ts'

export interface LoginsResult {
  readonly quiet: LoadResult
  readonly busy: LoadResult
  /** How the logins were answered: count by status. */
  readonly answers: ReadonlyMap<number, number>
  readonly megabytesBefore: number
  readonly megabytesMost: number
}

const logins = 1_000

/** Latency of good calls while a thousand people, each from an address of their own, try to sign in at once. */
export async function measureLogins(
  site: Site,
  { port, issuer, server }: TravelWithAuthority,
  seconds: number,
): Promise<LoginsResult> {
  const good = (): Promise<LoadResult> =>
    startLoad(
      site,
      { port, rate: 200, seconds, connections: 16, requests: goodCalls(site), sleep: true },
      undefined,
    ).result
  const agent = new Agent({ keepAlive: true, maxSockets: 200 })
  try {
    const forms = await Promise.all(Array.from({ length: logins }, (_, n) => openForm(agent, issuer, n)))
    await good()
    const megabytesBefore = server.resident() / 1e6
    const quiet = await good()
    let megabytesMost = megabytesBefore
    const watch = setInterval(() => {
      megabytesMost = Math.max(megabytesMost, server.resident() / 1e6)
    }, 100)
    const measuring = good()
    await new Promise((resolve) => setTimeout(resolve, 300))
    const answers = new Map<number, number>()
    await Promise.all(
      forms.map(async (form) => {
        const status = await form()
        answers.set(status, (answers.get(status) ?? 0) + 1)
      }),
    )
    const busy = await measuring
    clearInterval(watch)
    return { quiet, busy, answers, megabytesBefore, megabytesMost }
  } finally {
    agent.destroy()
  }
}

/** Opens the login page as one person; what it gives signs in with a wrong password. */
async function openForm(agent: Agent, issuer: string, n: number): Promise<() => Promise<number>> {
  const address = `203.${n >> 8}.${n & 255}.7`
  const first = await send(agent, `${issuer}/account/login`, { 'x-forwarded-for': address })
  const cookie = first.cookies.map((one) => one.split(';')[0]).join('; ')
  const form = /<form [^>]*action="([^"]*login[^"]*)"[^>]*>(.*?)<\/form>/s.exec(first.body)
  const hidden = [...(form?.[2] ?? '').matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)]
  const fields = new URLSearchParams(
    hidden.map(([, name = '', value = '']): [string, string] => [name, value]),
  )
  fields.set('email', `person${n}@travel.example`)
  fields.set('password', 'a password that is nobody’s')
  const { origin } = new URL(issuer)
  return async () =>
    (
      await send(
        agent,
        `${origin}${form?.[1] ?? '/auth/account/login'}`,
        {
          'x-forwarded-for': address,
          'content-type': 'application/x-www-form-urlencoded',
          origin,
          'sec-fetch-site': 'same-origin',
          cookie,
        },
        fields.toString(),
      )
    ).status
}

function send(
  agent: Agent,
  url: string,
  headers: Readonly<Record<string, string>>,
  body?: string,
): Promise<{ readonly status: number; readonly cookies: readonly string[]; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent, method: body === undefined ? 'GET' : 'POST', headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          cookies: response.headers['set-cookie'] ?? [],
          body: text,
        }),
      )
    })
    call.on('error', reject)
    call.end(body)
  })
}
