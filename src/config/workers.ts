import { availableParallelism } from 'node:os'
import type { Config } from './config.ts'
import type { Reading } from './reading.ts'

/** Kernels that spread the connections of one port over several sockets (`SO_REUSEPORT` as Linux has it). */
const spreading: ReadonlySet<NodeJS.Platform> = new Set(['linux', 'freebsd', 'sunos', 'aix'])

const most = 256

/** The number that `workers:` stands for on this machine. */
export function countWorkers(written: number | 'auto'): number {
  if (written !== 'auto') return written
  return spreading.has(process.platform) ? Math.min(most, availableParallelism()) : 1
}

/** What several workers cannot serve is refused, never served half. */
export function checkWorkers(config: Config, reading: Reading): void {
  if (config.workers === 1) return
  if (!spreading.has(process.platform))
    reading.error(
      '/workers',
      'config.workers',
      'the kernel of this machine does not spread connections over threads',
      'write `workers: auto`, which is 1 here, and run several gateways behind a load balancer',
    )
  for (const { name, mcp, pointer } of config.apis)
    if (mcp !== undefined)
      reading.error(
        `${pointer}/mcp`,
        'config.workers',
        `\`${name}\` is an MCP server: its sessions and the pins of its tools are kept by one thread`,
        'write `workers: 1`',
      )
}
