import type { SeenType } from '../../../kernel/inventory.ts'
import type { Operation } from '../../../kernel/operation.ts'
import { dataClassOf } from './data-class.ts'
import type { Looked } from './looked.ts'
import { count, type Seen } from './seen.ts'
import { typeOfValue } from './seen-type.ts'
import { shapePointer } from './shape-name.ts'
import { valueAt, walkValue } from './walk-value.ts'

type Direction = 'request' | 'reply'

/** Reads shapes out of what was taken of a call. Runs in the batch. */
export const lookInto = {
  property(seen: Seen, direction: Direction, pointer: string, type: SeenType): void {
    count(seen.properties, `${direction} ${shapePointer(pointer)}`, 1, type)
  },

  /** What `screen.prune` says it took out: `undeclared: /a /b and 2 more`. */
  pruned(seen: Seen, reason: string): void {
    for (const word of reason.slice(0, 512).split(' '))
      if (word.startsWith('/')) lookInto.property(seen, 'reply', word, 'unknown')
  },

  /** Undeclared properties and sensitive data in the bodies of one call. */
  bodies(seen: Seen, operation: Operation, status: number, looked: Looked): void {
    if (looked.request !== undefined) {
      sensitive(seen, 'request', looked.request)
      const media =
        looked.mediaType === undefined ? undefined : operation.input.body?.find(mediaTypeOf(looked.mediaType))
      if (media?.hasSchema === true && media.kind === 'json')
        for (const { pointer, code } of media.validate(looked.request)) {
          if (code !== 'undeclared') continue
          const inside = pointer.replace(/^\/body(?=\/|$)/, '')
          lookInto.property(seen, 'request', inside, typeOfValue(valueAt(looked.request, inside)))
        }
    }
    const reply = looked.reply === undefined ? undefined : parse(looked.reply)
    if (reply === undefined) return
    sensitive(seen, 'reply', reply)
    const contract = operation.output.find(status, mediaTypeOf(looked.replyType ?? ''))
    if (contract?.hasSchema !== true || contract.kind !== 'json') return
    // Pruning takes out of the value what it names: the types are read from another copy.
    const pruned = contract.prune(structuredClone(reply))
    for (const pointer of pruned)
      lookInto.property(seen, 'reply', pointer, typeOfValue(valueAt(reply, pointer)))
  },
}

function sensitive(seen: Seen, direction: Direction, value: unknown): void {
  const found = new Set<string>()
  walkValue(value, (pointer, name, leaf) => {
    const kind = dataClassOf(name, leaf)
    if (kind !== undefined) found.add(`${kind} ${direction} ${pointer}`)
  })
  for (const one of found) count(seen.data, one, 1)
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')) as unknown
  } catch {
    return undefined
  }
}

function mediaTypeOf(field: string): string {
  return (field.split(';', 1)[0] ?? '').trim().toLowerCase()
}
