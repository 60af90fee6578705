import type { Variables } from '../../expression/vocabulary.ts'
import type { Operation, Parameter } from '../../kernel/operation.ts'

function namesIn(operation: Operation, where: Parameter['in']): string[] {
  return operation.parameters.filter((parameter) => parameter.in === where).map((parameter) => parameter.name)
}

/** What a rule on this operation may read: its own parameters, so that a misspelt name stops the start. */
export function operationVariables(operation: Operation, object: boolean): Variables {
  return {
    caller: 'any',
    path: namesIn(operation, 'path'),
    query: namesIn(operation, 'query'),
    header: 'any',
    cookie: 'any',
    ...(operation.input.body === undefined ? {} : { body: 'any' }),
    ...(object ? { object: 'any' } : {}),
    request: 'any',
  }
}
