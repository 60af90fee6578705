import type { Identity } from './identity.ts'
import type { World } from './state/world.ts'

const patience = 20_000

/** Takes away what the probe made, last first, by whoever made it, else by staff. What stays is in the journal. */
export async function cleanUp(world: World): Promise<void> {
  const { session, journal, identities } = world
  session.beginCleaning()
  const until = performance.now() + patience
  for (const entry of [...journal.left()].reverse()) {
    if (performance.now() > until) return
    if (entry.undo === undefined) continue
    const maker = identities.find(({ name }) => name === entry.identity)
    const others = identities.filter((one) => one.privileged && one !== maker)
    for (const identity of [maker, ...others] as readonly (Identity | undefined)[]) {
      const like = world.operations.find(({ title }) => title === entry.operation)?.declared
      const { reply } = await session.raw(
        identity,
        {
          method: entry.undo.method,
          path: entry.undo.path,
          ...(entry.undo.body === undefined
            ? {}
            : { body: entry.undo.body, headers: [['content-type', 'application/json']] }),
        },
        like,
      )
      if ((reply.status >= 200 && reply.status < 300) || reply.status === 404 || reply.status === 410) {
        journal.undone(entry.n)
        break
      }
    }
  }
}
