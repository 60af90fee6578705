import { html } from '../html.ts'
import type { Site, View } from '../site.ts'

export interface ProblemProps {
  readonly text: string
  /** OAuth error code and description: text from outside. */
  readonly error?: string | undefined
  readonly description?: string | undefined
  /** Id by which the operator finds the call. */
  readonly reference?: string | undefined
}

/** An error page: never a redirect, never a stack trace. */
export function problemView({ words }: Site, props: ProblemProps): View {
  return {
    title: words.problem.title,
    width: 'narrow',
    body: html`
<h1>${words.problem.title}</h1>
<p role="alert">${props.text}</p>
${props.description !== undefined && html`<p class="quiet"><bdi>${props.description.slice(0, 500)}</bdi></p>`}
<dl class="facts">
${props.error !== undefined && html`<div><dt>${words.problem.code}</dt><dd><code>${props.error.slice(0, 100)}</code></dd></div>`}
${props.reference !== undefined && html`<div><dt>${words.problem.reference}</dt><dd><code>${props.reference}</code></dd></div>`}
</dl>`,
  }
}
