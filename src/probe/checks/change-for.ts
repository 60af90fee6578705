import { parseIdName } from '../../contract/objects/id-name.ts'
import { wordsOf } from '../../contract/objects/noun.ts'
import { isObject, type JsonObject, own } from '../../contract/schema.ts'
import { randomWord } from '../create-random.ts'
import { bodyMembers, type Call, chooseMedia, type Fills } from '../plan/build-call.ts'
import type { ProbeOperation } from '../plan/probe-operation.ts'
import type { World } from '../state/world.ts'

/** A request that changes one member of an object, and the value that is to be found afterwards. */
export interface Change {
  readonly call: Call
  readonly name: string
  readonly value: string | number | boolean
}

/** Members that say who somebody is: changing them would lock the identity out. */
const risky =
  /\b(?:password|passwd|pwd|username|user name|login|email|mail|role|status|active|enabled|locked|id|uuid|phone)\b/

/** A harmless change that the contract allows: a text where there is one, else a number or a choice. */
export function changeFor(
  world: World,
  operation: ProbeOperation,
  fills: Fills,
  object: unknown,
): Change | undefined {
  const media = chooseMedia(operation.declared.body?.media ?? [])
  if (media === undefined || !/json|form-urlencoded|\*/.test(media.range)) return undefined
  const resolve = (
    one: Parameters<World['contract']['resolve']>[0],
  ): ReturnType<World['contract']['resolve']> => world.contract.resolve(one)
  const members = bodyMembers(media, resolve)
  const put = operation.declared.method === 'PUT'
  const call = world.build(operation, fills, { full: put, seed: world.nextSeed() })
  if (call === undefined || !isObject(call.body)) return undefined
  const body: JsonObject = { ...call.body }
  // What is there stays as it is.
  for (const name of Object.keys(body)) {
    const old = isObject(object) ? own(object, name) : undefined
    if (old !== undefined && old !== null) body[name] = old
  }
  const choices = [...members].flatMap(
    ([name, schema]): readonly (readonly [number, string, string | number | boolean])[] => {
      const node = resolve(schema)
      const words = wordsOf(name).join(' ')
      const shown = isObject(object) && Object.hasOwn(object, name)
      if (!isObject(node) || risky.test(words) || parseIdName(name).kind === 'typed') return []
      const old = isObject(object) ? own(object, name) : undefined
      const value = newValue(node, old, world)
      if (value === undefined) return []
      const plain =
        typeof value === 'string' && own(node, 'pattern') === undefined && own(node, 'format') === undefined
      // A word of our own is known again; a choice may have been made by somebody else.
      const chosen = own(node, 'enum') !== undefined || typeof value === 'boolean'
      return [[(shown ? 0 : 4) + (plain ? 0 : 2) + (chosen ? 3 : 0), name, value]]
    },
  )
  // Each time another value than the one that is there.
  const [best] = choices.sort(([a], [b]) => a - b)
  if (best === undefined) return undefined
  const [, name, value] = best
  return { call: { ...call, body: { ...body, [name]: value } }, name, value }
}

function newValue(node: JsonObject, old: unknown, world: World): string | number | boolean | undefined {
  const options = own(node, 'enum')
  if (Array.isArray(options)) {
    const other = options.find((one) => one !== old && one !== null)
    return typeof other === 'string' || typeof other === 'number' ? other : undefined
  }
  const type = own(node, 'type')
  const types = Array.isArray(type) ? type : [type]
  if (types.includes('string') || type === undefined) {
    if (own(node, 'readOnly') === true || own(node, 'pattern') !== undefined) return undefined
    const format = own(node, 'format')
    if (format === 'date')
      return `2031-0${1 + Math.floor(world.random() * 9)}-1${Math.floor(world.random() * 10)}`
    if (format !== undefined) return undefined
    const most = own(node, 'maxLength')
    const word = `${world.marker}${randomWord(world.random, 4)}`
    return typeof most === 'number' && most < word.length ? word.slice(-most) : word
  }
  if (types.includes('integer') || types.includes('number')) {
    const [least, most] = [own(node, 'minimum'), own(node, 'maximum')]
    const low = typeof least === 'number' ? least : 1
    const high = typeof most === 'number' ? most : low + 500
    const value = Math.min(high, low + 1 + Math.floor(world.random() * Math.min(400, high - low)))
    return value === old ? low : value
  }
  return types.includes('boolean') ? old !== true : undefined
}
