import type { PasskeyView } from '../../accounts/passkeys.ts'
import { type FormTarget, form, notice, submit } from '../form.ts'
import { html } from '../html.ts'
import { inDate } from '../in-words.ts'
import type { Site, View } from '../site.ts'
import { accountFrame } from './account-frame.ts'

export interface SecurityProps {
  readonly signOut: FormTarget
  readonly totp: boolean
  readonly totpRemove: FormTarget
  readonly recoveryCodesLeft: number
  readonly recoveryCodes: FormTarget
  readonly passkeys: readonly PasskeyView[]
  readonly passkeyRemove: FormTarget
  readonly done: string | undefined
  readonly problem: string | undefined
}

/** Second factors: authenticator app, recovery codes, passkeys. */
export function securityView(site: Site, props: SecurityProps): View {
  const { words, base } = site
  const { security, language } = words
  return accountFrame(site, {
    here: 'security',
    title: security.title,
    signOut: props.signOut,
    failed: props.problem !== undefined,
    body: html`
${notice('done', props.done)}
${notice('problem', props.problem)}
<section>
<h2>${security.app}</h2>
<p>${props.totp ? security.appOn : security.appOff}</p>
${
  props.totp
    ? form(props.totpRemove, submit(security.appRemove, 'danger'))
    : html`<a class="button primary" href="${`${base}/account/totp`}">${security.appSetUp}</a>`
}
</section>
${
  props.totp &&
  html`<section>
<h2>${security.recovery}</h2>
<p>${security.recoveryText}</p>
<p>${security.recoveryLeft(props.recoveryCodesLeft)}</p>
${form(props.recoveryCodes, submit(security.recoveryNew, 'plain'))}
</section>`
}
<section>
<h2>${security.passkeys}</h2>
${props.passkeys.length === 0 && html`<p class="quiet">${security.passkeysNone}</p>`}
<ul class="rows">${props.passkeys.map(
      (passkey) => html`<li><div><strong><bdi>${passkey.name}</bdi></strong>
<p class="quiet">${security.added} ${inDate(language, passkey.created)}, ${
        passkey.lastUsed === undefined
          ? security.never
          : html`${security.lastUsed} ${inDate(language, passkey.lastUsed)}`
      }</p></div>
${form(
  props.passkeyRemove,
  html`<input type="hidden" name="id" value="${passkey.id}"><button class="danger" type="submit" aria-label="${`${security.passkeyRemove}: ${passkey.name}`}">${security.passkeyRemove}</button>`,
  'inline',
)}</li>`,
    )}</ul>
<p class="actions"><a class="button plain" href="${`${base}/account/passkeys/new`}">${security.passkeyAdd}</a></p>
</section>`,
  })
}
