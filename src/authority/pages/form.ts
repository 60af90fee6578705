import { attributes, type Content, type Html, html } from './html.ts'

/** Where a form goes and what proves that this server made it. */
export interface FormTarget {
  readonly action: string
  readonly csrf: string
}

/** A form that is posted, with its proof of origin. */
export function form(target: FormTarget, content: Content, kind: 'stack' | 'inline' = 'stack'): Html {
  return html`<form class="${kind}" method="post" action="${target.action}" novalidate><input type="hidden" name="csrf" value="${target.csrf}">${content}</form>`
}

export interface Field {
  readonly name: string
  readonly label: string
  readonly type: 'text' | 'email' | 'password'
  readonly autocomplete: string
  readonly value?: string | undefined
  readonly hint?: string | undefined
  /** What is wrong with what was entered; announced with the field. */
  readonly problem?: string | undefined
  readonly focus?: boolean
  readonly optional?: string | undefined
  readonly inputmode?: 'numeric' | 'email' | 'text'
  readonly maxlength?: number
}

/** A labelled input with its hint and its problem, tied together for screen readers. */
export function field(one: Field): Html {
  const hint = `${one.name}-hint`
  const problem = `${one.name}-problem`
  const describedBy = [one.hint !== undefined && hint, one.problem !== undefined && problem]
    .filter((id) => id !== false)
    .join(' ')
  return html`<div class="field">
<label for="${one.name}">${one.label}${one.optional !== undefined && html` <span class="quiet">(${one.optional})</span>`}</label>
${one.hint !== undefined && html`<p class="hint" id="${hint}">${one.hint}</p>`}
${one.problem !== undefined && html`<p class="problem" id="${problem}" role="alert">${one.problem}</p>`}
<input id="${one.name}" name="${one.name}" type="${one.type}" autocomplete="${one.autocomplete}" inputmode="${one.inputmode ?? (one.type === 'email' ? 'email' : 'text')}" autocapitalize="none" spellcheck="false" ${attributes(
    {
      value: one.value,
      maxlength: one.maxlength,
      required: one.optional === undefined,
      autofocus: one.focus === true,
      'aria-describedby': describedBy === '' ? undefined : describedBy,
      'aria-invalid': one.problem !== undefined ? 'true' : undefined,
    },
  )}>
</div>`
}

/** A tick box with its label. */
export function tick(name: string, value: string, label: Content, checked: boolean): Html {
  return html`<label class="tick"><input type="checkbox" name="${name}" value="${value}" ${attributes({ checked })}><span>${label}</span></label>`
}

/** The button that sends a form. */
export function submit(label: string, kind: 'primary' | 'plain' | 'danger' = 'primary'): Html {
  return html`<button class="${kind}" type="submit">${label}</button>`
}

/** One of several buttons of a form: the value says which. */
export function choice(name: string, value: string, label: string, kind: 'primary' | 'plain'): Html {
  return html`<button class="${kind}" type="submit" name="${name}" value="${value}">${label}</button>`
}

/** A sentence about what happened, announced at once. Nothing where there is nothing to say. */
export function notice(kind: 'problem' | 'done' | 'warning', text: string | undefined): Html | undefined {
  if (text === undefined) return undefined
  return html`<p class="notice ${kind}" role="${kind === 'problem' ? 'alert' : 'status'}" aria-live="${kind === 'problem' ? 'assertive' : 'polite'}">${text}</p>`
}
