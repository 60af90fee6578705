import type { DeclaredOperation } from '../declared.ts'
import type { ParameterId } from './id-map.ts'
import { sameKind } from './id-name.ts'
import { nounOf, wordsOf } from './noun.ts'

/** Words by which an operation says that it makes something. */
const making = /^(?:create|add|new|register|insert|make|import|upload|save|store|submit|book|open|place)$/

/** Type of the object that a 2xx reply of an operation means has been made; undefined where none. */
export function createdBy(operation: DeclaredOperation, entity: string | undefined): string | undefined {
  if (operation.method !== 'POST' && operation.method !== 'PUT') return undefined
  const makes = operation.responses.some(({ status }) => status === '201')
  if (operation.method === 'PUT') return makes ? entity : undefined
  const last = operation.template.split('/').at(-1) ?? ''
  // `POST /bookings` makes one; `POST /bookings/{id}/cancel` and `POST /bookings/search` do something with one, unless
  // they say 201.
  if (last.includes('{')) return undefined
  const says = making.test(wordsOf(last)[0] ?? '') || making.test(wordsOf(operation.id)[0] ?? '')
  return makes || entity === undefined || isCollection(last, entity) || says ? entity : undefined
}

function isCollection(segment: string, entity: string): boolean {
  return sameKind(nounOf(wordsOf(segment)), entity)
}

/** The path parameter at the end of the path. */
export function lastOfPath(
  operation: DeclaredOperation,
  parameters: readonly ParameterId[],
): ParameterId | undefined {
  const last = operation.template.split('/').at(-1) ?? ''
  return parameters.find((one) => one.in === 'path' && last.includes(`{${one.name}}`))
}
