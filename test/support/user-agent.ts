import assert from 'node:assert/strict'
import { formsOf } from './authority-pages/form-browser.ts'
import { Browser } from './browser.ts'

/** A page that was shown on the way. */
export interface SeenPage {
  readonly kind: 'login' | 'consent' | 'other'
  readonly status: number
  readonly title: string
  readonly html: string
}

/** Where a browser went. */
export interface Journey {
  /** The URL of another origin that it was sent to; undefined where a page of the server was the end. */
  readonly away: URL | undefined
  /** Pages in the order they were shown; those that were understood were filled in. */
  readonly pages: readonly SeenPage[]
}

const urlencoded = 'application/x-www-form-urlencoded'

/** A browser with a person before it: fills in the login page, agrees to what is asked, and goes where it is sent. */
export class UserAgent {
  readonly #browser: Browser
  readonly #origin: string
  readonly #person: { readonly email: string; readonly password: string }

  constructor(
    origin: string,
    send: typeof fetch,
    person: { readonly email: string; readonly password: string },
  ) {
    this.#browser = new Browser(origin, send)
    this.#origin = origin
    this.#person = person
  }

  /** Follows a link, or posts its query as a form of another site's page would. */
  async go(url: string | URL, method: 'GET' | 'POST' = 'GET'): Promise<Journey> {
    const target = new URL(url)
    const first =
      method === 'GET'
        ? await this.#browser.request(target.href)
        : await this.#browser.request(target.origin + target.pathname, {
            method: 'POST',
            headers: {
              'content-type': urlencoded,
              origin: 'https://suite.example',
              'sec-fetch-site': 'cross-site',
            },
            body: target.search.slice(1),
          })
    return this.#on(first)
  }

  /** Opens a link of a mail and chooses the person's password. */
  async choosePassword(link: string): Promise<void> {
    const { pages } = await this.go(link)
    const page = pages.at(-1)
    const answer = await this.#submit(page?.html ?? '', { password: this.#person.password })
    assert.ok(answer.status < 400, `${answer.status}: ${await answer.text()}`)
  }

  async #on(answer: Response): Promise<Journey> {
    const pages: SeenPage[] = []
    for (let hop = 0; hop < 20; hop++) {
      const to = answer.headers.get('location')
      if (to !== null) {
        const target = new URL(to, this.#origin)
        if (target.origin !== this.#origin) return { away: target, pages }
        answer = await this.#browser.request(target.href)
        continue
      }
      const page = await readPage(answer)
      pages.push(page)
      if (page.kind === 'other') return { away: undefined, pages }
      const last = pages.at(-2)
      assert.ok(last?.html !== page.html, `the page stays: ${page.title}`)
      answer = await this.#submit(page.html, page.kind === 'login' ? this.#person : { answer: 'allow' })
    }
    throw new Error('the browser goes in circles')
  }

  /** Sends the page's own form, the first one, with these fields. */
  #submit(html: string, fields: object): Promise<Response> {
    const form = formsOf(html)[0]
    if (form === undefined) throw new Error(`a page without a form:\n${html}`)
    const kept = form.fields.filter(([name]) => !Object.hasOwn(fields, name))
    return this.#browser.request(form.action, {
      method: 'POST',
      headers: { 'content-type': urlencoded, origin: this.#origin, 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams([...kept, ...Object.entries(fields)]).toString(),
    })
  }
}

async function readPage(answer: Response): Promise<SeenPage> {
  const html = await answer.text()
  const ours = formsOf(html).length > 0 && answer.status === 200
  const kind = !ours
    ? 'other'
    : /name="password"[^>]*autocomplete="current-password"/.test(html)
      ? 'login'
      : /name="answer" value="allow"/.test(html)
        ? 'consent'
        : 'other'
  const title = /<title>([^<]*)<\/title>/.exec(html)?.[1] ?? ''
  return { kind, status: answer.status, title, html }
}
