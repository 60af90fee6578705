import type { AuditEvent } from '../../../kernel/event.ts'
import { DistinctBits, hashOf, Recent } from './counters.ts'
import type { AnomalySubject } from './finding.ts'
import type { Say } from './say.ts'
import type { Caller } from './subjects.ts'

const day = 24 * 60 * 60_000

/** What a type of object is used to, over all callers. */
class Usual {
  distinct = 0
  callers = 0
}

/** Watches which objects a caller asks for: too many that are not its own, or far more than it is used to. */
export function createObjectWatch(
  say: Say,
): (event: AuditEvent, caller: Caller, subject: AnomalySubject) => void {
  const types = new Recent<Usual>(256, () => new Usual())

  function objects(event: AuditEvent, caller: Caller, subject: AnomalySubject): void {
    const missing =
      event.code === 'AUTHORIZE_OBJECT' || event.code === 'AUTHORIZE_NOT_FOUND' || event.status === 404
    for (const { type, id } of event.objects) {
      const value = hashOf(`${type}\0${id}`)
      if (missing) {
        const refused = caller.refused.of(type)
        const count = refused.objects.add(event.time, value)
        // Whoever works all day with own objects mistypes some.
        if (count >= 20 || (count >= 8 && count > 0.2 * (count + refused.got.at(event.time))))
          say(
            event,
            'object-enumeration',
            subject,
            count / 8,
            `asked for ${count} different objects of type ${type} that are not its own or do not exist`,
            { type, objects: count },
            caller.last,
          )
        continue
      }
      if (event.status >= 400) continue
      caller.refused.of(type).got.add(event.time)
      const touched = caller.touched.of(type)
      const today = Math.floor(event.time / day)
      const usual = types.of(type)
      if (touched.day !== today) {
        if (touched.day >= 0) {
          touched.usual = Math.max(touched.usual * 0.8, touched.usual + 0.3 * (touched.count - touched.usual))
          touched.days++
          const weight = Math.max(0.01, 1 / (usual.callers + 1))
          usual.distinct += weight * (touched.count - usual.distinct)
          usual.callers++
        }
        touched.day = today
        touched.bits = new DistinctBits()
        touched.count = 0
      }
      touched.count = touched.bits.add(value)
      // Of a newcomer only what others do is known.
      const bound = Math.max(
        80,
        5 * touched.usual,
        (touched.days === 0 ? 25 : 10) * Math.max(usual.distinct, 2),
      )
      // Before a day of others is known, nobody can be unusual.
      if (touched.count > bound && usual.callers >= 30)
        say(
          event,
          'object-harvest',
          subject,
          touched.count / bound,
          `touched some ${Math.round(touched.count)} objects of type ${type} today; usual for it are ${Math.round(touched.usual)}, for others ${Math.round(usual.distinct)}`,
          {
            type,
            objects: Math.round(touched.count),
            usual: Math.round(touched.usual),
            others: Math.round(usual.distinct),
          },
          caller.last,
        )
    }
  }

  return objects
}
