import { decide } from '../gateway/decision.ts'
import { flow } from '../gateway/flow.ts'
import { refuse } from '../gateway/refuse.ts'
import type { Door } from '../kernel/door.ts'
import type { CompiledGate } from './compile-gate.ts'
import type { Services } from './services.ts'

/** The way in: calls take the flow, what is no call is refused and put on record. */
export function doorOf(compiled: CompiledGate, services: Pick<Services, 'recorder'>): Door {
  return {
    enter: (arrived) => flow(compiled.gate, arrived),
    decide: (arrived) => decide(compiled.gate, arrived, compiled.upstreamFields).then(({ reply }) => reply),
    reject(rejected) {
      const reply = refuse(rejected.denial, rejected.id, rejected.channel.secure)
      services.recorder.rejected(rejected, reply.status)
      return reply
    },
  }
}
