import { randomBytes } from 'node:crypto'

const wellFormed = /^[A-Za-z0-9._-]{1,64}$/
const prefix = BigInt(`0x${randomBytes(8).toString('hex')}`).toString(36)
let counter = 0

/**
 * The caller's request id where it is well-formed (`^[A-Za-z0-9._-]{1,64}$`), else a new one: unique in this
 * process by its counter and across processes by 64 random bits. It is a name, not a secret.
 */
export function requestIdOf(inbound: string | undefined): string {
  if (inbound !== undefined && wellFormed.test(inbound)) return inbound
  counter += 1
  return `${prefix}-${counter.toString(36)}`
}
