import type { ClientView, ScopeView } from '../../interaction.ts'
import { choice, type FormTarget, form, notice, tick } from '../form.ts'
import { type Content, html } from '../html.ts'
import { inDuration } from '../in-words.ts'
import type { Site, View } from '../site.ts'

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
  const { consent } = words
  const { client, lifetime } = props
  const asked = props.scopes.filter((scope) => scope.asked)
  const before = props.scopes.filter((scope) => !scope.asked)
  const sayScope = (scope: ScopeView): Content => html`
${scope.description ?? consent.scopes.get(scope.name) ?? scope.name}
${!consent.scopes.has(scope.name) && html`<code class="scope">${scope.name}</code>`}
${scope.resource !== undefined && html`<span class="where">${consent.api} <bdi>${scope.resource}</bdi></span>`}`
  return {
    title: consent.title(client.name),
    width: 'narrow',
    body: html`
<h1><bdi class="client">${client.name}</bdi> ${consent.asks}</h1>
<p class="lead">${consent.signedInAs} <bdi>${props.email}</bdi></p>
${props.device && html`<p class="quiet">${consent.device}</p>`}
${!client.verified && notice('warning', consent.unverified)}
${form(props.target, [
  html`<fieldset><legend>${consent.may}</legend><ul class="ticks">${asked.map((scope) =>
    scope.name === 'openid'
      ? html`<li class="fixed">${sayScope(scope)}</li>`
      : html`<li>${tick('scope', scope.name, sayScope(scope), true)}</li>`,
  )}</ul></fieldset>`,
  props.claims.length > 0 &&
    html`<p>${consent.claims}: ${props.claims.map((claim) => html`<code class="scope">${claim}</code> `)}</p>`,
  before.length > 0 &&
    html`<p class="quiet">${consent.already}</p><ul class="before quiet">${before.map((scope) => html`<li>${sayScope(scope)}</li>`)}</ul>`,
  props.resources.length > 0 &&
    html`<p class="quiet">${consent.api} ${props.resources.map((resource) => html`<bdi class="where">${resource}</bdi> `)}</p>`,
  html`<p class="quiet">${consent.lifetime(
    inDuration(words.language, lifetime.accessToken),
    inDuration(words.language, lifetime.grant),
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
