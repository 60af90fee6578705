import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import { acrOf } from './acr.ts'
import type { BrowserSessions } from './browser-sessions.ts'
import { clientViewOf } from './client-view.ts'
import type { Consents } from './consents.ts'
import type { Families } from './families.ts'
import { InteractionLost, type Interactions, type InteractionView, type ScopeView } from './interaction.ts'
import type { Lifetimes } from './options.ts'
import { openidScopes, type Resources } from './resources.ts'

type Details = Awaited<ReturnType<Provider['interactionDetails']>>

/** What a page asks to be granted, as the protocol says it. */
interface Missing {
  readonly openid: readonly string[]
  readonly claims: readonly string[]
  readonly resources: readonly (readonly [string, readonly string[]])[]
}

export interface InteractionParts {
  /** The protocol server that is in use now. */
  readonly provider: () => Provider
  readonly mount: string
  readonly lifetimes: Lifetimes
  readonly resources: Resources
  readonly consents: Consents
  readonly families: Families
  readonly sessions: BrowserSessions
}

/** The pages' side of the protocol. */
export function createInteractions(parts: InteractionParts): Interactions {
  const { mount, lifetimes, resources, consents, families, sessions } = parts

  /** The interaction of this browser, at the step that the page is for. */
  async function read(request: IncomingMessage, response: ServerResponse, step?: string): Promise<Details> {
    let details: Details
    try {
      details = await parts.provider().interactionDetails(request, response)
    } catch (error) {
      if (error instanceof Error && error.name === 'SessionNotFound') throw new InteractionLost(error.message)
      throw error
    }
    const uid = /\/interaction\/([^/?]+)/.exec(request.url ?? '')?.[1]
    if (uid !== undefined && uid !== details.uid) throw new InteractionLost('another interaction')
    if (step !== undefined && details.prompt.name !== step) throw new InteractionLost('out of step')
    return details
  }

  async function clientOf(details: Details) {
    const client = await parts.provider().Client.find(String(details.params['client_id']))
    if (client === undefined) throw new InteractionLost('the client is gone')
    return client
  }

  async function grantOf(details: Details) {
    const { Grant } = parts.provider()
    const found = details.grantId === undefined ? undefined : await Grant.find(details.grantId)
    return (
      found ??
      new Grant({
        accountId: details.session?.accountId ?? '',
        clientId: String(details.params['client_id']),
      })
    )
  }

  /** Scopes of the request by what defines them; `asked` where the protocol still misses them. */
  function scopesOf(details: Details, all: boolean): readonly ScopeView[] {
    const requested = textOf(details.params['scope'])?.split(' ') ?? []
    const missing = missingOf(details)
    const views: ScopeView[] = []
    for (const name of requested.filter((one) => openidScopes.includes(one as 'openid')))
      views.push({
        name,
        resource: undefined,
        description: undefined,
        asked: all || missing.openid.includes(name),
      })
    for (const identifier of resourcesOf(details)) {
      const known = resources.find(identifier)
      const asked = missing.resources.find(([one]) => one === identifier)?.[1] ?? []
      for (const name of requested)
        if (known?.scopes.has(name) === true)
          views.push({
            name,
            resource: identifier,
            description: known.scopes.get(name),
            asked: all || asked.includes(name),
          })
    }
    return views
  }

  return {
    path: (uid) => `${mount}/interaction/${uid}`,
    async details(request, response): Promise<InteractionView> {
      const details = await read(request, response)
      const client = clientViewOf(await clientOf(details))
      const { params, prompt } = details
      const device = details.deviceCode !== undefined
      return {
        uid: details.uid,
        step: prompt.name === 'login' ? 'login' : 'consent',
        reasons: prompt.reasons,
        client,
        sub: details.session?.accountId,
        loginHint: textOf(params['login_hint'])?.slice(0, 254),
        acrValues: textOf(params['acr_values'])?.split(' ') ?? [],
        locales: textOf(params['ui_locales'])?.split(' ') ?? [],
        scopes: scopesOf(details, !client.verified),
        claims: missingOf(details).claims,
        resources: resourcesOf(details),
        lifetime: { accessToken: lifetimes.accessToken, grant: lifetimes.grant },
        device,
        redirectUri: device ? undefined : textOf(params['redirect_uri']),
        expires: details.exp * 1000,
      }
    },
    async finishLogin(request, response, login) {
      await read(request, response, 'login')
      const { sub, amr, remember } = login
      const acr = login.acr ?? acrOf(amr)
      const result = { login: { accountId: sub, amr: [...amr], acr, remember } }
      await parts
        .provider()
        .interactionFinished(request, response, result, { mergeWithLastSubmission: false })
    },
    async finishConsent(request, response, scopes) {
      const details = await read(request, response, 'consent')
      const account = details.session?.accountId
      if (account === undefined) throw new InteractionLost('nobody is signed in')
      const client = await clientOf(details)
      const grant = await grantOf(details)
      const chosen = scopes === undefined ? undefined : new Set(['openid', ...scopes])
      const missing = missingOf(details)
      const split = (names: readonly string[]): readonly [string, string] => [
        names.filter((name) => chosen?.has(name) ?? true).join(' '),
        names.filter((name) => !(chosen?.has(name) ?? true)).join(' '),
      ]
      const shown = scopesOf(details, true)
      const openid = union(
        missing.openid,
        shown.filter((one) => one.resource === undefined),
      )
      const [granted, rejected] = split(openid)
      if (granted !== '') grant.addOIDCScope(granted)
      if (rejected !== '') grant.rejectOIDCScope(rejected)
      if (missing.claims.length > 0) grant.addOIDCClaims([...missing.claims])
      for (const identifier of resourcesOf(details)) {
        const asked = missing.resources.find(([one]) => one === identifier)?.[1] ?? []
        const [yes, no] = split(
          union(
            asked,
            shown.filter((one) => one.resource === identifier),
          ),
        )
        if (yes !== '') grant.addResourceScope(identifier, yes)
        if (no !== '') grant.rejectResourceScope(identifier, no)
      }
      const grantId = await grant.save()
      await consents.remember({
        account,
        client: client.clientId,
        openid: wordsOf(grant.getOIDCScope()),
        claims: grant.getOIDCClaims(),
        resources: resourcesOf(details).map((one) => [one, wordsOf(grant.getResourceScope(one))] as const),
      })
      await parts
        .provider()
        .interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true })
    },
    async abort(request, response) {
      await read(request, response)
      const result = { error: 'access_denied', error_description: 'the user did not agree' }
      await parts
        .provider()
        .interactionFinished(request, response, result, { mergeWithLastSubmission: false })
    },
    session: sessions.read,
    signIn: sessions.signIn,
    signOut: sessions.signOut,
    signOutEverywhere: sessions.signOutEverywhere,
    async grants(sub) {
      const views = []
      for (const consent of await consents.list(sub)) {
        const client = await parts.provider().Client.find(consent.client)
        if (client === undefined) continue
        views.push({
          id: consent.id,
          client: clientViewOf(client),
          scopes: [
            ...consent.openid.map((name) => ({
              name,
              resource: undefined,
              description: undefined,
              asked: false,
            })),
            ...consent.resources.flatMap(([resource, scopes]) =>
              scopes.map((name) => ({
                name,
                resource,
                description: resources.find(resource)?.scopes.get(name),
                asked: false,
              })),
            ),
          ],
          created: consent.created,
          expires: consent.expires,
        })
      }
      return views
    },
    async revokeGrant(sub, grantId) {
      const consent = (await consents.list(sub)).find((one) => one.id === grantId)
      if (consent === undefined) return false
      await consents.forget(sub, consent.client)
      await families.revokeBetween(sub, consent.client)
      return true
    },
  }
}

function missingOf(details: Details): Missing {
  const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = details.prompt.details as {
    missingOIDCScope?: string[]
    missingOIDCClaims?: string[]
    missingResourceScopes?: Record<string, string[]>
  }
  return {
    openid: missingOIDCScope ?? [],
    claims: missingOIDCClaims ?? [],
    resources: Object.entries(missingResourceScopes ?? {}),
  }
}

function resourcesOf(details: Details): readonly string[] {
  const { resource } = details.params as { resource?: string | string[] }
  if (resource === undefined) return []
  return typeof resource === 'string' ? [resource] : resource
}

function union(names: readonly string[], views: readonly ScopeView[]): readonly string[] {
  return [...new Set([...names, ...views.map((view) => view.name)])]
}

function wordsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ')
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
