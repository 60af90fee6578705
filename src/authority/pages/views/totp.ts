import { encode } from 'uqr'
import type { TotpDraft } from '../../accounts/totp.ts'
import { type FormTarget, field, form, submit } from '../form.ts'
import { type Html, html } from '../html.ts'
import type { Site, View } from '../site.ts'
import { accountFrame } from './account-frame.ts'

export interface TotpProps {
  readonly signOut: FormTarget
  readonly target: FormTarget
  readonly draft: TotpDraft
  readonly problem: string | undefined
}

/** Sets an authenticator app up: picture, key as text, and a first code that proves that it works. */
export function totpView(site: Site, props: TotpProps): View {
  const { words } = site
  const { totp } = words
  return accountFrame(site, {
    here: 'security',
    title: totp.title,
    signOut: props.signOut,
    failed: props.problem !== undefined,
    body: html`
<p>${totp.scan}</p>
${qrCode(props.draft.uri, totp.qr)}
<p class="quiet">${totp.manual}</p>
<p><code class="secret">${props.draft.secret.replace(/(.{4})(?=.)/g, '$1 ')}</code></p>
<p><a href="${props.draft.uri}">${totp.open}</a></p>
${form(props.target, [
  html`<input type="hidden" name="draft" value="${props.draft.uri}">`,
  field({
    name: 'code',
    label: totp.code,
    type: 'text',
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    problem: props.problem,
    focus: true,
    maxlength: 10,
  }),
  submit(totp.submit),
])}
<p class="actions"><a href="${`${site.base}/account/security`}">${words.cancel}</a></p>`,
  })
}

/** A QR code as one path, dark on light in both colour schemes, because cameras expect that. */
function qrCode(text: string, label: string): Html {
  const { data, size } = encode(text, { ecc: 'M', border: 4 })
  let path = ''
  for (const [y, row] of data.entries())
    for (const [x, dark] of row.entries()) if (dark) path += `M${x} ${y}h1v1h-1z`
  return html`<svg class="qr" role="img" aria-label="${label}" viewBox="${`0 0 ${size} ${size}`}" width="232" height="232" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/><path d="${path}" fill="#000"/></svg>`
}
