import { memberOf } from '../../contract/objects/object-ids.ts'
import type { OpenOperation } from './coverage-table.ts'
import type { PolicyApi } from './policy.ts'

/** The line that closes each open object door: with the contract's type of the object, and with a question where that is a guess. */
export function withObjectLines(
  open: readonly OpenOperation[],
  apis: readonly PolicyApi[],
): readonly OpenOperation[] {
  const lines = new Map<string, { readonly why: string; readonly add: string }>()
  for (const { config, contract } of apis) {
    const ids = contract.objectIds()
    for (const operation of contract.operations) {
      const found = ids.operations.get(operation.slot)?.parameters ?? []
      const last = found.findLast((one) => one.in === 'path') ?? found.at(-1)
      if (last === undefined) continue
      const place = `${last.in}${memberOf(last.name)}`
      lines.set(
        `${config.name} ${operation.id}`,
        last.confidence === 'guess'
          ? {
              why: `is ${place} a ${last.type}? (${last.reason})`,
              add: `objects: { ${last.type}: { ids: [${JSON.stringify(place)}], learn: { mode: observe } } }`,
            }
          : {
              why: `no rule for ${last.type} (${last.reason})`,
              add: `objects: { ${last.type}: { id: ${place}, learn: true } }`,
            },
      )
    }
  }
  return open.map((one) => {
    const line = one.control === 'object' ? lines.get(`${one.api} ${one.operation}`) : undefined
    return line === undefined ? one : { ...one, ...line }
  })
}
