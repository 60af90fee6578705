import { readFileSync } from 'node:fs'

/**
 * Whether the kernel gives connections that wait at a listener to another one of the same port when it closes
 * (`net.ipv4.tcp_migrate_req`, Linux 5.14, for IPv6 too). Elsewhere they are reset.
 */
export function migratesConnections(): boolean {
  try {
    return readFileSync('/proc/sys/net/ipv4/tcp_migrate_req', 'utf8').trim() === '1'
  } catch {
    return false
  }
}
