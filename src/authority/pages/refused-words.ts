import type { Refused } from '../accounts/account.ts'
import type { FieldProblems } from './views/register.ts'
import type { Words } from './words.ts'

const sentences: Readonly<Record<Refused['refused'], keyof Words['refused']>> = {
  credentials: 'credentials',
  throttled: 'throttled',
  'password-too-short': 'passwordTooShort',
  'password-too-long': 'passwordTooLong',
  'password-common': 'passwordCommon',
  'password-context': 'passwordContext',
  'password-malformed': 'passwordMalformed',
  'email-malformed': 'emailMalformed',
  code: 'code',
  expired: 'expired',
  unavailable: 'unavailable',
}

/** The sentence for a refusal. */
export function refusedWords(words: Words, { refused }: Refused): string {
  return words.refused[sentences[refused]]
}

/** The sentence at the field that it is about. */
export function fieldProblems(words: Words, refused: Refused): FieldProblems {
  const sentence = refusedWords(words, refused)
  if (refused.refused.startsWith('password-')) return { password: sentence }
  if (refused.refused === 'email-malformed') return { email: sentence }
  return { form: sentence }
}

/** The status of the page that shows it. */
export function refusedStatus({ refused }: Refused): number {
  if (refused === 'throttled') return 429
  return refused === 'unavailable' ? 503 : 400
}
