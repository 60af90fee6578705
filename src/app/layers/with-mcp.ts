import type { Gate, Soon } from '../../gateway/gate.ts'
import type { Mcp } from '../../gateway/mcp/create-mcp.ts'
import type { Answered, Reply } from '../../kernel/facts.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'

/** The message of a call to an MCP server is judged once its body is, before anything is sent. */
export function withMcpCalls(authorize: Gate['authorize'], mcp: Mcp): Gate['authorize'] {
  return {
    run: (call) => authorize.run(call),
    runInput: (call) => mcp.judge(call) ?? authorize.runInput(call),
  }
}

/** What an MCP server may not say does not leave. */
export function withMcpReplies(screen: Gate['screen'], mcp: Mcp): Gate['screen'] {
  const read = (answered: Answered, reply: Reply | Denial): Reply | Denial =>
    isDenied(reply) || !mcp.has(answered.operation.slot) ? reply : mcp.screen(answered, reply)
  return {
    run(answered): Soon<Reply | Denial> {
      const reply = screen.run(answered)
      return reply instanceof Promise
        ? reply.then((settled) => read(answered, settled))
        : read(answered, reply)
    },
  }
}
