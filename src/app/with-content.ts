import type { Gate, Soon } from '../gateway/gate.ts'
import type { Answered, Inspected, Reply } from '../kernel/facts.ts'
import { type Denial, isDenied } from '../kernel/verdict.ts'
import type { Inspect } from '../stages/inspect/inspect.ts'
import type { ContentScreen } from '../stages/screen/context/create-content-screen.ts'
import type { Taint } from '../stages/screen/context/taint/create-taint.ts'
import type { SecretScreen } from '../stages/screen/secrets/create-secret-screen.ts'

/** A reply that may leave is looked through for secrets, then for instructions. */
export function withContent(
  screen: Gate['screen'],
  secrets: SecretScreen,
  content: ContentScreen,
): Gate['screen'] {
  const read = (answered: Answered, reply: Reply | Denial): Soon<Reply | Denial> => {
    if (isDenied(reply)) return reply
    const clean = secrets.run(answered, reply)
    return isDenied(clean) ? clean : content.run(answered, clean)
  }
  return {
    run(answered) {
      const reply = screen.run(answered)
      return reply instanceof Promise
        ? reply.then((settled) => read(answered, settled))
        : read(answered, reply)
    },
  }
}

/** What a call names is compared with what its caller was shown, once the whole of it is judged. */
export function withTaint(inspect: Inspect, taint: Taint): Gate['inspect'] {
  return {
    run(admitted) {
      const input = inspect.run(admitted)
      const judge = (settled: Awaited<typeof input>): typeof settled =>
        isDenied(settled) ? settled : (taint.judge({ ...admitted, input: settled } as Inspected) ?? settled)
      return input instanceof Promise ? input.then(judge) : judge(input)
    },
    runGrant: inspect.runGrant,
  }
}
