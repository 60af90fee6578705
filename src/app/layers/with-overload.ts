import type { Gate, Soon } from '../../gateway/gate.ts'
import type { Answer, Inspected } from '../../kernel/facts.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import type { Forward } from '../../stages/forward/forward.ts'
import type { CallClass } from '../../stages/limit/overload/call-class.ts'
import { classesOf, guardOptionsOf, pressureOf } from '../overload-options.ts'
import type { Policy, PolicyApi } from '../policy/policy.ts'
import type { Services } from '../services.ts'

/** The forward stage behind the guard of its upstream: what reaches it, on whatever way, is what it bears. */
export function withGuard(forward: Forward, policy: Policy, api: PolicyApi, services: Services): Forward {
  const { config } = policy.loaded
  const { overload } = services
  if (overload === undefined || config.overload.mode === 'off') return forward
  const guard = overload.guardOf(api.config.name, guardOptionsOf(config, api))
  guard.repeats = () => forward.count()
  const classes = classesOf(policy, api)

  const send = async (call: Inspected): Promise<Answer | Denial> => {
    const started = performance.now()
    let answer: Answer | Denial | undefined
    try {
      answer = await forward.run(call)
      return answer
    } finally {
      guard.leave(call, answer, started)
    }
  }
  return {
    ...forward,
    run(call) {
      const entered = guard.enter(call, classes.get(call.operation.slot) ?? 'normal')
      if (entered === undefined) return send(call)
      if (!(entered instanceof Promise)) return Promise.resolve(entered)
      return entered.then((denial) => denial ?? send(call))
    },
  }
}

type Early = NonNullable<Gate['enter']>

/** What is asked before anybody knows who calls: whether the process keeps up, then the locks of failed authentications. */
export function entranceOf(policy: Policy, services: Services, early: Early | undefined): Early | undefined {
  const { overload } = services
  const { config } = policy.loaded
  overload?.configure(pressureOf(config))
  if (overload === undefined || config.overload.mode === 'off') return early
  const classes = new Map<number, CallClass>(policy.apis.flatMap((api) => [...classesOf(policy, api)]))
  return (matched): Soon<((status: number) => void) | Denial | undefined> => {
    const denial = overload.enter(matched, classes.get(matched.operation.slot) ?? 'normal')
    return isDenied(denial) ? denial : early?.(matched)
  }
}
