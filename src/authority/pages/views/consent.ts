import type { ClientView, ScopeView } from '../../interaction.ts'
import { choice, type FormTarget, form, notice, tick } from '../form.ts'
import { type Html, html } from '../html.ts'
import { inDuration } from '../in-words.ts'
import type { Site, View } from '../site.ts'
import type { Words } from '../words.ts'

export interface ConsentProps {
  readonly target: FormTarget
  readonly client: ClientView
  readonly email: string
  readonly scopes: readonly ScopeView[]
  readonly claims: readonly string[]
  readonly resources: readonly string[]
  /** Seconds. */
  readonly lifetime: { readonly accessToken: number; readonly grant: number }
  readonly device: boolean
}

/** Names who asks, for what, where, and for how long; the user may untick what they do not want to give. */
export function consentView({ words }: Site, props: ConsentProps): View {
  const { consent, language } = words
  const { client, lifetime } = props
  const asked = props.scopes.filter((scope) => scope.asked)
  const before = props.scopes.filter((scope) => !scope.asked)
  const where = [...new Set([...asked.map(({ resource }) => resource), ...props.resources])]
  return {
    title: consent.title(client.name),
    width: 'narrow',
    body: html`
<h1><bdi class="client">${client.name}</bdi> ${consent.asks}</h1>
<p class="lead">${consent.signedInAs} <bdi class="client">${props.email}</bdi></p>
${props.device && html`<p class="quiet">${consent.device}</p>`}
${!client.verified && notice('warning', consent.unverified)}
${form(props.target, [
  html`<fieldset><legend>${consent.may}</legend><div class="ticks">${where.map(
    (resource) => html`<div class="group">
${resource !== undefined && html`<p class="where">${consent.api} <bdi>${shortened(resource)}</bdi></p>`}
<ul>${asked.filter((scope) => scope.resource === resource).map((scope) => asking(words, scope))}</ul></div>`,
  )}</div></fieldset>`,
  props.claims.length > 0 &&
    html`<p>${consent.claims}: ${props.claims.map((claim) => html`<code class="scope">${claim}</code> `)}</p>`,
  before.length > 0 &&
    html`<p class="quiet">${consent.already}</p><ul class="before quiet">${before.map((scope) => html`<li>${inWords(words, scope)}</li>`)}</ul>`,
  html`<p class="quiet">${consent.lifetime(
    inDuration(language, lifetime.accessToken),
    inDuration(language, lifetime.grant),
  )}</p>`,
  html`<div class="choices">${choice('answer', 'allow', consent.allow, 'primary')}${choice('answer', 'deny', consent.deny, 'plain')}</div>`,
])}
${
  (client.policyUri !== undefined || client.tosUri !== undefined) &&
  html`<p class="foot">
${client.policyUri !== undefined && html`<a href="${client.policyUri}" rel="noopener noreferrer">${consent.policy}</a>`}
${client.tosUri !== undefined && html`<a href="${client.tosUri}" rel="noopener noreferrer">${consent.terms}</a>`}
</p>`
}`,
  }
}

/** One scope with its box; who signs in is always told, so `openid` has none. */
function asking(words: Words, scope: ScopeView): Html {
  const shown = inWords(words, scope)
  return scope.name === 'openid'
    ? html`<li class="fixed">${shown}</li>`
    : html`<li>${tick('scope', scope.name, shown, true)}</li>`
}

/** What a scope means; its name too where the contract defines it. */
function inWords({ consent }: Words, scope: ScopeView): Html {
  const known = consent.scopes.get(scope.name)
  const meaning = scope.description ?? known
  return html`${meaning}${(meaning === undefined || known === undefined) && html` <code class="scope">${scope.name}</code>`}`
}

/** `https://api.example` → `api.example`; anything else as it is. */
function shortened(resource: string): string {
  return resource.replace(/^https:\/\//, '')
}
