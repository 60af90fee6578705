import type { Upgrade } from '../../kernel/facts.ts'

/**
 * Joins the two sides of an upgraded connection: bytes as they come, with backpressure, and the end or failure
 * of one side ends the other.
 */
export function joinTunnel(client: Upgrade, upstream: Upgrade): void {
  const near = client.socket
  const far = upstream.socket
  const end = (): void => {
    near.destroy()
    far.destroy()
  }
  near.on('error', end).on('close', end)
  far.on('error', end).on('close', end)
  if (near.destroyed || far.destroyed) {
    end()
    return
  }
  if (upstream.head.length > 0) near.write(upstream.head)
  if (client.head.length > 0) far.write(client.head)
  near.pipe(far)
  far.pipe(near)
}
