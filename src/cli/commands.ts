import { auditCommand } from './audit.ts'
import { authorityCommand } from './authority.ts'
import { checkCommand } from './check.ts'
import { clientsCommand } from './clients.ts'
import type { Command } from './command.ts'
import { createCompletionCommand } from './completion.ts'
import { coverageCommand } from './coverage.ts'
import { explainCommand } from './explain.ts'
import { holdsCommand } from './holds.ts'
import { identityCommand } from './identity.ts'
import { importCommand } from './import.ts'
import { initCommand } from './init.ts'
import { inventoryCommand } from './inventory.ts'
import { keysCommand } from './keys.ts'
import { locksCommand } from './locks.ts'
import { logCommand } from './log.ts'
import { mcpCommand } from './mcp.ts'
import { probeCommand } from './probe.ts'
import { replayCommand } from './replay.ts'
import { serveCommand } from './serve.ts'
import { tokenCommand } from './token.ts'
import { tokensCommand } from './tokens.ts'
import { usersCommand } from './users.ts'

const listed: readonly Command[] = [
  initCommand,
  serveCommand,
  checkCommand,
  coverageCommand,
  inventoryCommand,
  tokenCommand,
  tokensCommand,
  keysCommand,
  clientsCommand,
  usersCommand,
  locksCommand,
  holdsCommand,
  authorityCommand,
  identityCommand,
  explainCommand,
  replayCommand,
  auditCommand,
  probeCommand,
  importCommand,
  logCommand,
  mcpCommand,
]

/** What this version does, in the order a newcomer meets it. */
export const commands: readonly Command[] = [...listed, createCompletionCommand(listed)]
