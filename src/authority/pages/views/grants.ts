import type { GrantView } from '../../interaction.ts'
import { type FormTarget, form, notice } from '../form.ts'
import { html } from '../html.ts'
import { inDate } from '../in-words.ts'
import type { Site, View } from '../site.ts'
import { accountFrame } from './account-frame.ts'

export interface GrantsProps {
  readonly signOut: FormTarget
  readonly grants: readonly GrantView[]
  readonly revoke: FormTarget
  readonly done: string | undefined
}

/** What the user allowed to whom, with a button that takes it back. */
export function grantsView(site: Site, props: GrantsProps): View {
  const { words } = site
  const { grants, consent, language } = words
  return accountFrame(site, {
    here: 'grants',
    title: grants.title,
    signOut: props.signOut,
    body: html`
${notice('done', props.done)}
<section>
<p class="quiet">${props.grants.length === 0 ? grants.none : grants.text}</p>
<ul class="rows">${props.grants.map(
      (
        grant,
      ) => html`<li><div><strong><bdi>${grant.client.name}</bdi></strong>${!grant.client.verified && html` <span class="tag">${grants.unverified}</span>`}
<ul class="plainlist">${grant.scopes.map((scope) => html`<li>${scope.description ?? consent.scopes.get(scope.name) ?? scope.name}${scope.resource !== undefined && html` <span class="where">${consent.api} <bdi>${scope.resource}</bdi></span>`}</li>`)}</ul>
<p class="quiet">${grants.since} ${inDate(language, grant.created * 1000)}, ${grants.until} ${inDate(language, grant.expires * 1000)}</p></div>
${form(
  props.revoke,
  html`<input type="hidden" name="id" value="${grant.id}"><button class="danger" type="submit" aria-label="${`${grants.revoke}: ${grant.client.name}`}">${grants.revoke}</button>`,
  'inline',
)}</li>`,
    )}</ul>
</section>`,
  })
}
