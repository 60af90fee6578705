import { type FormTarget, field, notice } from '../form.ts'
import { html } from '../html.ts'
import type { Site, View } from '../site.ts'
import { accountFrame } from './account-frame.ts'
import { scripted } from './passkey.ts'

export interface PasskeyAddProps {
  readonly signOut: FormTarget
  readonly target: FormTarget
  readonly options: string
  readonly problem: string | undefined
}

/** Adds a passkey to the account. */
export function passkeyAddView(site: Site, props: PasskeyAddProps): View {
  const { words } = site
  return accountFrame(site, {
    here: 'security',
    title: words.passkey.addTitle,
    signOut: props.signOut,
    script: true,
    failed: props.problem !== undefined,
    body: html`
<p>${words.passkey.addText}</p>
${notice('problem', props.problem)}
${scripted(
  words.passkey,
  props,
  'create',
  words.passkey.add,
  field({
    name: 'name',
    label: words.name,
    hint: words.passkey.nameHint,
    optional: words.optional,
    type: 'text',
    autocomplete: 'off',
    maxlength: 60,
  }),
)}
<p class="actions"><a href="${`${site.base}/account/security`}">${words.back}</a></p>`,
  })
}
