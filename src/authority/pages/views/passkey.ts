import { type FormTarget, form, notice } from '../form.ts'
import { type Content, html } from '../html.ts'
import type { Site, View } from '../site.ts'

export interface PasskeyProps {
  readonly target: FormTarget
  /** What the browser is asked, as JSON text: options of `navigator.credentials.get` or `create`. */
  readonly options: string
  readonly passwordLink: string
  readonly problem: string | undefined
}

/** Signs in with a passkey. With `passkeyAddView` the only page that runs a script. */
export function passkeyView({ words }: Site, props: PasskeyProps): View {
  return {
    title: words.passkey.title,
    width: 'narrow',
    script: true,
    failed: props.problem !== undefined,
    body: html`
<h1>${words.passkey.title}</h1>
<p class="lead">${words.passkey.text}</p>
${notice('problem', props.problem)}
${scripted(words.passkey, props, 'get', words.passkey.submit)}
<p class="foot"><a href="${props.passwordLink}">${words.passkey.password}</a></p>`,
  }
}

/**
 * The form that the script fills in and sends. Without the script, and in browsers without passkeys, only the sentence
 * that says so is seen.
 */
export function scripted(
  words: Site['words']['passkey'],
  props: { readonly target: FormTarget; readonly options: string },
  kind: 'get' | 'create',
  label: string,
  fields?: Content,
): Content {
  return html`<div id="passkey" data-kind="${kind}" data-options="${props.options}">
<p class="notice warning" id="passkey-missing">${words.noScript}</p>
<p class="notice warning" id="passkey-unsupported" hidden>${words.unsupported}</p>
<p class="notice problem" id="passkey-failed" role="alert" hidden>${words.failed}</p>
<div id="passkey-form" hidden>${form(props.target, [
    fields,
    html`<input type="hidden" name="response" value=""><button class="primary" type="submit">${label}</button>`,
  ])}</div>
</div>`
}
