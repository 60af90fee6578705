import { createServer } from 'node:net'
import type { LoadedConfig } from '../../config/loaded-config.ts'
import { Unusable } from '../../kernel/finding.ts'

/**
 * Sees to it that nobody listens where the workers are to: they share their port with whoever asks the kernel for a share of
 * it, also with another gateway of the same user. Throws `Unusable`.
 */
export async function assertPortsFree({ config }: LoadedConfig): Promise<void> {
  for (const { host, port, address } of config.listen) {
    if (port === 0) continue
    const server = createServer()
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        const message = `listen: cannot open ${address} (${error.code ?? error.message})`
        reject(new Unusable([{ rule: 'listen.address', severity: 'error', message }]))
      })
      server.listen({ host, port }, () => server.close(() => resolve()))
    })
  }
}
