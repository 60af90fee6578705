import type { Gate } from '../../gateway/gate.ts'
import type { Answered, Reply } from '../../kernel/facts.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import type { Leases } from '../state/leases.ts'

/** Screen, and after it the watch over what may go on for long. */
export function withLeases(screen: Gate['screen'], leases: Leases): Gate['screen'] {
  const hold = (call: Answered, reply: Reply | Denial): Reply | Denial =>
    isDenied(reply) ? reply : leases.hold(call, reply)
  return {
    run(answered) {
      const reply = screen.run(answered)
      return reply instanceof Promise ? reply.then((later) => hold(answered, later)) : hold(answered, reply)
    },
  }
}
