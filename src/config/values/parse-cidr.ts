import { isIP } from 'node:net'

export interface Cidr {
  readonly address: string
  readonly prefix: number
}

/** `10.0.0.0/8`, `fd00::/8`, or one address; undefined where it is none. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', length, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0 || address.includes('%')) return undefined
  const width = family === 4 ? 32 : 128
  if (length === undefined) return { address, prefix: width }
  if (!/^\d{1,3}$/.test(length)) return undefined
  const prefix = Number(length)
  return prefix <= width ? { address, prefix } : undefined
}
