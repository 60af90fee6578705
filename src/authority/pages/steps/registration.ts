import type { Call, Step } from '../call.ts'
import type { Place } from '../place.ts'
import { fieldProblems, refusedStatus, refusedWords } from '../refused-words.ts'
import type { Tools } from '../tools.ts'
import { checkMailView } from '../views/check-mail.ts'
import { type FieldProblems, registerView } from '../views/register.ts'
import { requestResetView } from '../views/request-reset.ts'

/** A new account. What it answers is the same whether the address is taken or not. */
export function registerStep({ site, replies, accounts }: Tools, place: Place): Step {
  interface Shown {
    readonly email: string
    readonly name: string
    readonly problems: FieldProblems
  }
  const show = (call: Call, shown: Shown, status = 200): void =>
    replies.page(
      call.response,
      registerView(site, { target: call.target(`${place.path}/register`), loginLink: place.path, ...shown }),
      { status },
    )
  return {
    get: (call) => show(call, { email: '', name: '', problems: {} }),
    async post(call, form) {
      const email = form.text('email').trim()
      const name = form.text('name').trim().slice(0, 200)
      const password = form.text('password')
      const missing = missingFields(site.words.refused, email, password)
      if (missing !== undefined) return show(call, { email, name, problems: missing }, 400)
      const visit = call.visit(place.client?.id)
      const refused = await accounts.register(email, password, name === '' ? undefined : name, visit)
      if (refused === undefined) return replies.redirect(call.response, `${place.path}/check-mail`)
      show(call, { email, name, problems: fieldProblems(site.words, refused) }, refusedStatus(refused))
    },
  }
}

/** What a form with address and password lacks. */
export function missingFields(
  words: Tools['site']['words']['refused'],
  email: string,
  password: string,
): FieldProblems | undefined {
  if (email !== '' && password !== '') return undefined
  return {
    email: email === '' ? words.emailMissing : undefined,
    password: password === '' ? words.passwordMissing : undefined,
  }
}

/** Asks for a reset mail. */
export function requestResetStep({ site, replies, accounts }: Tools, place: Place): Step {
  const show = (call: Call, email: string, problem?: string, status = 200): void =>
    replies.page(
      call.response,
      requestResetView(site, {
        target: call.target(`${place.path}/reset`),
        loginLink: place.path,
        email,
        problem,
      }),
      { status },
    )
  return {
    get: (call) => show(call, ''),
    async post(call, form) {
      const email = form.text('email').trim()
      if (email === '') return show(call, email, site.words.refused.emailMissing, 400)
      const refused = await accounts.requestReset(email, call.visit(place.client?.id))
      if (refused === undefined)
        return replies.redirect(call.response, `${place.path}/check-mail?about=reset`)
      show(call, email, refusedWords(site.words, refused), refusedStatus(refused))
    },
  }
}

/** Says that a mail is on its way. */
export function checkMailStep({ site, replies }: Tools, place: Place): Step {
  return {
    get(call) {
      const about = call.query.get('about') === 'reset' ? 'reset' : 'register'
      replies.page(call.response, checkMailView(site, { about, loginLink: place.path }))
    },
  }
}
