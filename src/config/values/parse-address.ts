import { isIP } from 'node:net'

export interface Address {
  /** Without brackets. */
  readonly host: string
  readonly port: number
}

/** `127.0.0.1:8080`, `[::1]:8443`, `localhost:0`; undefined where it is none. Names other than localhost are refused. */
export function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  if (match === null) return undefined
  const [, six, other, digits] = match
  const port = Number(digits)
  if (port > 65_535) return undefined
  if (six !== undefined) return isIP(six) === 6 ? { host: six, port } : undefined
  const host = (other ?? '').toLowerCase()
  return isIP(host) === 4 || host === 'localhost' ? { host, port } : undefined
}

/** True where only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}
