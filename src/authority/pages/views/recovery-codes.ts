import type { FormTarget } from '../form.ts'
import { html } from '../html.ts'
import type { Site, View } from '../site.ts'
import { accountFrame } from './account-frame.ts'

/** The recovery codes, shown this once. */
export function recoveryCodesView(
  site: Site,
  props: { readonly signOut: FormTarget; readonly codes: readonly string[] },
): View {
  const { recoveryCodes } = site.words
  return accountFrame(site, {
    here: 'security',
    title: recoveryCodes.title,
    signOut: props.signOut,
    body: html`
<p>${recoveryCodes.text}</p>
<ul class="codes">${props.codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>
<p class="actions"><a class="button primary" href="${`${site.base}/account/security`}">${recoveryCodes.done}</a></p>`,
  })
}
