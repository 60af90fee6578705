import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium } from './chromium.ts'
import { type ConsoleGate, startConsoleGate } from './console-gate.ts'

/** One gateway after a morning, one browser, one page of an administrator: all that the console's tests look at. */
export interface ConsoleScene {
  readonly gate: ConsoleGate
  readonly browser: Browser
  readonly context: BrowserContext
  /** Signed in; 1280 × 860, light. A test leaves it so. */
  readonly page: Page
  /** The token that signs in. */
  readonly token: string
  /** What pages said against their own policy, threw, or asked of another host. */
  readonly complaints: readonly string[]
  start(): Promise<void>
  close(): Promise<void>
  /** Asks the admin API as administrator. */
  get<T>(path: string): Promise<T>
  post(path: string, json: unknown): Promise<Response>
  /** Goes there and waits until what was asked for is there. */
  show(hash: string, on?: Page): Promise<void>
  /** A further page of the same browser, watched like the first. */
  open(context?: BrowserContext): Promise<Page>
}

const token = 'token-of-the-tests-that-is-long-enough'

export function createConsoleScene(): ConsoleScene {
  let started: Pick<ConsoleScene, 'gate' | 'browser' | 'context'> | undefined
  let first: Page | undefined
  const complaints: string[] = []
  const there = (): NonNullable<typeof started> => started ?? assert.fail('the scene has not started')

  async function ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    return fetch(`${there().gate.adminUrl}/api/v1/${path}`, { ...init, headers })
  }

  async function open(context: BrowserContext = there().context): Promise<Page> {
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    const origin = there().gate.adminUrl
    page.on('console', (message) => {
      if (/Content Security Policy|Trusted/i.test(message.text()))
        complaints.push(`${page.url()}: ${message.text()}`)
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => {
      const url = request.url()
      if (page.url().startsWith(origin) && !url.startsWith(origin) && !request.isNavigationRequest())
        complaints.push(url)
    })
    return page
  }

  const scene: ConsoleScene = {
    get gate() {
      return there().gate
    },
    get browser() {
      return there().browser
    },
    get context() {
      return there().context
    },
    get page() {
      return first ?? assert.fail('the scene has not started')
    },
    token,
    complaints,
    async start() {
      const [gate, browser] = await Promise.all([startScene(), launchChromium()])
      const context = await browser.newContext({
        viewport: { width: 1280, height: 860 },
        colorScheme: 'light',
        reducedMotion: 'reduce',
        permissions: ['clipboard-read', 'clipboard-write'],
      })
      started = { gate, browser, context }
      first = await open()
    },
    async close() {
      await started?.browser.close()
      await started?.gate[Symbol.asyncDispose]()
    },
    async get<T>(path: string) {
      return (await (await ask(path)).json()) as T
    },
    post: (path, json) => ask(path, { method: 'POST', body: JSON.stringify(json) }),
    open,
    async show(hash, on = scene.page) {
      await on.goto(`${there().gate.adminUrl}/#${hash}`)
      await on.waitForSelector('h1')
      await on.locator('[aria-label="Loading"]').first().waitFor({ state: 'detached' })
    },
  }
  return scene
}

/** Asks until it is there. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await look()
    if (found !== undefined) return found
    await wait(50)
  }
  throw new Error('it did not come')
}

async function startScene(): Promise<ConsoleGate> {
  process.env['CONSOLE_TOKEN'] = token
  const gate = await startConsoleGate((config) => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
    config.admin.token = '${CONSOLE_TOKEN}'
    config.keys = {}
    config.apis.travel.controls = { injection: 'observe', 'response-schema': 'observe' }
    config.apis.travel.limits.push({
      name: 'guesses',
      for: 'login',
      per: 'body.username',
      rate: '2/min',
      failures: true,
      lock: '15min',
    })
  })
  await gate.traffic()
  // One who tries what belongs to others, and one who guesses.
  const mallory = await gate.token('mallory')
  for (let one = 200; one < 216; one += 1)
    await (await gate.call(`/api/v1/users/${one}/profile`, { token: mallory })).arrayBuffer()
  for (let tries = 0; tries < 3; tries += 1) {
    const body = JSON.stringify({ username: 'carol', password: `guess ${tries}` })
    await (await gate.call('/login', { method: 'POST', body })).arrayBuffer()
  }
  return gate
}
