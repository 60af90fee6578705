import type { Operation } from '../../../kernel/operation.ts'

/** How much a call matters when not all can be served. `critical` is shed last, `low` first. */
export type CallClass = 'critical' | 'normal' | 'low'

/** The classes, most important first. */
export const callClasses: readonly CallClass[] = ['critical', 'normal', 'low']

const vital =
  /(?:^|[/_.-])(?:log-?in|log-?on|log-?out|sign-?in|sign-?out|token|oauth2?|health|healthz|livez|readyz|liveness|readiness|ping|status)$/i

/**
 * The class of an operation for which none is written: `critical` where the end of its id or of its path says that people
 * sign in or machines ask whether it lives, else `normal`.
 */
export function usualClass(operation: Pick<Operation, 'id' | 'template'>): CallClass {
  const end = operation.template.slice(operation.template.lastIndexOf('/'))
  // `signIn` is `sign-In`, so that words are told apart.
  const words = operation.id.replace(/([a-z])([A-Z])/g, '$1-$2')
  return vital.test(end) || (!operation.id.includes(' ') && vital.test(words)) ? 'critical' : 'normal'
}
