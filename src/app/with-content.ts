import type { Gate, Soon } from '../gateway/gate.ts'
import type { Mcp } from '../gateway/mcp/create-mcp.ts'
import type { Answered, Inspected, Reply } from '../kernel/facts.ts'
import { type Denial, isDenied } from '../kernel/verdict.ts'
import type { Inspect } from '../stages/inspect/inspect.ts'
import type { ContentScreen } from '../stages/screen/context/create-content-screen.ts'
import type { Taint } from '../stages/screen/context/taint/create-taint.ts'
import type { SecretScreen } from '../stages/screen/secrets/create-secret-screen.ts'

/** A reply that may leave is looked through for secrets, for what an MCP server may not say, then for instructions. */
export function withContent(
  screen: Gate['screen'],
  secrets: SecretScreen,
  mcp: Mcp,
  content: ContentScreen,
): Gate['screen'] {
  const read = (answered: Answered, reply: Reply | Denial): Soon<Reply | Denial> => {
    if (isDenied(reply)) return reply
    const clean = secrets.run(answered, reply)
    if (isDenied(clean)) return clean
    const spoken = mcp.screen(answered, clean)
    return isDenied(spoken) ? spoken : content.run(answered, spoken)
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
export function withTaint(inspect: Inspect, mcp: Mcp, taint: Taint): Gate['inspect'] {
  return {
    run(admitted) {
      const input = inspect.run(admitted)
      const judge = (settled: Awaited<typeof input>): typeof settled =>
        isDenied(settled) ? settled : (judgeInput({ ...admitted, input: settled }, mcp, taint) ?? settled)
      return input instanceof Promise ? input.then(judge) : judge(input)
    },
    runGrant: inspect.runGrant,
  }
}

function judgeInput(inspected: Inspected, mcp: Mcp, taint: Taint): Denial | undefined {
  return mcp.judge(inspected) ?? taint.judge(inspected)
}
