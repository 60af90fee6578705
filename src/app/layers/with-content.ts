import type { Gate, Soon } from '../../gateway/gate.ts'
import type { Inspected } from '../../kernel/facts.ts'
import type { Grant } from '../../kernel/grant.ts'
import type { Denial } from '../../kernel/verdict.ts'
import type { Taint } from '../../stages/screen/context/taint/create-taint.ts'

/** What a call names is compared with what its caller was shown, once the whole of it is judged, before anything is sent. */
export function withTaint(authorize: Gate['authorize'], taint: Taint): Gate['authorize'] {
  const go = (call: Inspected, denial: Denial | undefined): Soon<Grant | Denial> =>
    denial ?? authorize.runInput(call)
  return {
    run: (call) => authorize.run(call),
    runInput(call) {
      const denial = taint.judge(call)
      return denial instanceof Promise ? denial.then((settled) => go(call, settled)) : go(call, denial)
    },
  }
}

/** What a call names that was answered is the caller's own. */
export function withUse(screen: Gate['screen'], taint: Taint): Gate['screen'] {
  return {
    run(answered) {
      if (answered.answer.status < 400) taint.used(answered)
      return screen.run(answered)
    },
  }
}
