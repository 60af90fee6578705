import { endpointNames } from '../../authority/endpoints.ts'
import type { Operation } from '../../kernel/operation.ts'
import { undeclaredHead } from '../../kernel/text-plan.ts'

/** The server's endpoints as operations of an API `authority`, so that calls are counted and recorded like others. Slots follow those of the contracts. */
export function authorityOperations(firstSlot: number): ReadonlyMap<string, Operation> {
  return new Map(
    endpointNames.map((id, index) => [
      id,
      {
        slot: firstSlot + index,
        api: 'authority',
        id,
        method: '',
        template: '',
        tags: [],
        deprecated: false,
        parameters: [],
        security: [],
        securityDeclared: true,
        input: { head: () => [], body: undefined, texts: undeclaredHead },
        output: { find: () => undefined, declares: () => true, successes: [] },
        extension: undefined,
        place: { file: '' },
      } satisfies Operation,
    ]),
  )
}
