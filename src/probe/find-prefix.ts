import { isYes } from './state/reply-facts.ts'
import type { World } from './state/world.ts'

/**
 * The path that the contract's paths are below: the target's own, else that of the contract's server, whichever an operation
 * answers on.
 */
export async function findPrefix(world: World, url: URL, basePath: string): Promise<string> {
  const own = url.pathname.replace(/\/+$/, '')
  const candidates = own !== '' ? [own, `${own}${basePath}`] : [...new Set([basePath, ''])]
  const [first = ''] = candidates
  if (candidates.length < 2) return first
  const plain = world.operations.filter(
    ({ declared, slots }) => declared.method === 'GET' && slots.every((one) => !one.required),
  )
  for (const prefix of candidates) {
    world.session.prefix = prefix
    for (const operation of plain.slice(0, 4)) {
      const call = world.build(operation, new Map())
      if (call === undefined) continue
      const { reply } = await world.session.call(world.identities[0], call)
      if (isYes(reply) || reply.status === 401 || reply.status === 403 || reply.status === 400) return prefix
    }
  }
  return first
}
