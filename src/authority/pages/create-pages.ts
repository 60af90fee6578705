import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Sealer } from '../../crypto/sealer.ts'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { callerOf } from '../call.ts'
import { type Caller, InteractionLost, type Interactions, type Pages } from '../interaction.ts'
import { type Call, createCall, type Step } from './call.ts'
import { createAssets, type Theme } from './http/assets.ts'
import { createBrowserStates } from './http/browser-state.ts'
import { createCookies } from './http/cookies.ts'
import { BadForm, readForm } from './http/read-form.ts'
import { createReplies } from './http/reply.ts'
import { isSameOrigin } from './http/same-origin.ts'
import { renderProtocolPage } from './render-protocol-page.ts'
import type { Site } from './site.ts'
import { accountStep } from './steps/account.ts'
import { accountLoginStep } from './steps/account-login.ts'
import { interactionStep } from './steps/interaction.ts'
import { mailLinkSteps } from './steps/mail-links.ts'
import { openSteps } from './steps/open.ts'
import { findSigned } from './steps/signed.ts'
import type { Tools } from './tools.ts'
import type { ShownMail } from './views/mail.ts'
import { problemView } from './views/problem.ts'
import { english, type Words } from './words.ts'

export interface PagesOptions {
  /** `https://api.travel.example/auth`: https, or http on loopback. */
  readonly issuer: string
  readonly accounts: Accounts
  readonly interactions: Interactions
  /** Seals what a browser carries between two pages. */
  readonly sealer: Sealer
  /** The connection of a request, as the listener saw it; by default what the server was told with it. */
  readonly caller?: (request: IncomingMessage) => Caller
  readonly theme?: Theme
  readonly words?: Words
  /** Name of the service, in titles and beside the logo. Default `Sallyport`. */
  readonly product?: string
  /** Development: mails, newest first; shown on `ISSUER/account/mail` to this machine alone. */
  readonly mails?: () => readonly ShownMail[]
  readonly clock?: Clock
  /** Told of exceptions; the caller sees a reference only. */
  readonly onFault?: (error: unknown, caller: Caller) => void
}

/** The pages of the authorization server. Throws where a file of the theme cannot be used. */
export function createPages(options: PagesOptions): Pages {
  const issuer = new URL(options.issuer)
  const secure = issuer.protocol === 'https:'
  const base = issuer.pathname.replace(/\/+$/, '')
  const clock = options.clock ?? systemClock
  const spoken = options.words ?? english
  const words = options.product === undefined ? spoken : { ...spoken, product: options.product }
  const callerFor = options.caller ?? callerOf
  const assets = createAssets(base, options.theme ?? {})
  const site: Site = { words, base, assets: assets.paths, development: options.mails !== undefined }
  const cookies = createCookies(secure)
  const replies = createReplies(site, secure)
  const tools: Tools = {
    site,
    accounts: options.accounts,
    interactions: options.interactions,
    cookies,
    states: createBrowserStates(options.sealer, cookies, clock),
    replies,
    clock,
    mails: options.mails,
  }
  const open = new Map([...mailLinkSteps(tools), ...openSteps(tools)])

  /** The step at a path, and what its forms are bound to. */
  async function find(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<{ readonly step: Step; readonly scope: string } | undefined> {
    const interaction = /^\/interaction\/[\w-]{1,64}(?:\/([a-z-]+))?$/.exec(path)
    if (interaction !== null) {
      const view = await tools.interactions.details(request, response)
      // The cookie's interaction and the path's must be one.
      if (path.split('/')[2] !== view.uid) throw new InteractionLost('another interaction')
      const step = interactionStep(tools, view, interaction[1] ?? '')
      return step && { step, scope: `interaction ${view.uid}` }
    }
    const name = /^\/account(?:\/([a-z/-]+))?$/.exec(path)?.[1] ?? (path === '/account' ? '' : undefined)
    if (name === undefined) return undefined
    const step = open.get(name) ?? accountLoginStep(tools, name)
    if (step !== undefined) return { step, scope: 'account' }
    const signed = await findSigned(tools, request, response)
    if (signed === undefined) return { step: toLogin(tools), scope: 'account' }
    const inner = accountStep(tools, signed, name)
    return inner && { step: inner, scope: `account ${signed.session.uid}` }
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: string,
  ): Promise<boolean> {
    const problem = (status: number, text: string, allow?: string): true => {
      replies.page(response, problemView(site, { text }), {
        status,
        ...(allow === undefined ? {} : { allow }),
      })
      return true
    }
    const caller = callerFor(request)
    try {
      const found = await find(path, request, response)
      if (found === undefined) return problem(404, words.problem.notFound)
      const { step, scope } = found
      const call = createCall(tools, request, response, { query, caller, scope })
      if (request.method === 'GET' || request.method === 'HEAD') {
        if (step.get === undefined) return problem(405, words.problem.method, 'POST')
        await step.get(call)
        return true
      }
      const allow =
        step.get === undefined ? 'POST' : step.post === undefined ? 'GET, HEAD' : 'GET, HEAD, POST'
      if (request.method !== 'POST' || step.post === undefined)
        return problem(405, words.problem.method, allow)
      if (!isSameOrigin(request, issuer.origin)) return problem(403, words.problem.forgery)
      const form = await readForm(request)
      if (!tools.states.isProof(call.state(), scope, form.text('csrf')))
        return problem(403, words.problem.forgery)
      await step.post(call, form)
      return true
    } catch (error) {
      if (response.headersSent) {
        response.destroy()
        options.onFault?.(error, caller)
        return true
      }
      if (error instanceof InteractionLost) return problem(400, words.problem.lost)
      if (error instanceof BadForm) {
        response.setHeader('Connection', 'close')
        return problem(error.status, words.problem.form)
      }
      options.onFault?.(error, caller)
      response.removeHeader('set-cookie')
      const view = problemView(site, { text: words.problem.broken, reference: caller.requestId })
      replies.page(response, view, { status: 500 })
      return true
    }
  }

  return {
    handle(request, response) {
      const url = request.url ?? ''
      const mark = url.indexOf('?')
      const whole = mark < 0 ? url : url.slice(0, mark)
      if (!whole.startsWith(`${base}/`)) return false
      const path = whole.slice(base.length)
      if (path.startsWith('/assets/')) return assets.serve(request, response, whole)
      if (!/^\/(?:interaction|account)(?:\/|$)/.test(path)) return false
      return serve(request, response, path, mark < 0 ? '' : url.slice(mark + 1))
    },
    render: (page) => renderProtocolPage(site, page),
  }
}

/** Asks to sign in first. */
function toLogin({ site, replies }: Tools): Step {
  const go = (call: Call): void => replies.redirect(call.response, `${site.base}/account/login`)
  return { get: go, post: go }
}
