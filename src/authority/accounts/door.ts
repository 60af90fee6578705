import type { Sealer } from '../../crypto/sealer.ts'
import type { Visit } from './account.ts'
import type { AttemptGuard } from './attempt-guard.ts'
import type { Core } from './core.ts'
import type { DeviceCookie } from './device-cookie.ts'
import { createTurnstile } from './turnstile.ts'
import type { VisitBudget } from './visit-budget.ts'

/** Says who may try, and knows the devices of a person. */
export interface Door {
  readonly guard: AttemptGuard
  /** First of all: waits for its turn, so that many at once do not hold up the loop. */
  turn(): Promise<void>
  /** Budgets of where the try comes from. Undefined: admitted; else milliseconds to wait. */
  admit(visit: Visit, login: string | undefined): Promise<number | undefined>
  giveBack(visit: Visit): Promise<void>
  /** Whether the browser has signed in to this account before. */
  isKnown(visit: Visit, sub: string): Promise<boolean>
  /** Remembers the browser; gives the new value of its cookie. */
  remember(visit: Visit, sub: string): Promise<string>
  /** Keyed digest of a folded e-mail address, for events and for keys of unknown accounts. */
  loginOf(emailKey: string): string
  /** Attempt keys of an account. */
  keysOf(sub: string): { readonly strangers: string; readonly own: string; readonly code: string }
}

/** Devices of a person that are remembered. */
const mostDevices = 20
const alertEveryMs = 60_000

export function createDoor(
  core: Core,
  guard: AttemptGuard,
  budget: VisitBudget,
  devices: DeviceCookie,
  sealer: Sealer,
): Door {
  const { clock, repositories } = core
  let alertedAt = -alertEveryMs
  return {
    guard,
    turn: createTurnstile(),
    async admit(visit, login) {
      const { spent, retryMs } = await budget.admit(visit)
      if (spent === undefined) return undefined
      core.emit('throttled', { visit, login, failed: true, detail: spent })
      if (spent === 'everybody' && clock.monotonic() - alertedAt >= alertEveryMs) {
        alertedAt = clock.monotonic()
        core.emit('stuffing', { failed: true, detail: 'only known devices are let through' })
      }
      return Math.max(1_000, Math.ceil(retryMs))
    },
    giveBack: (visit) => budget.giveBack(visit),
    async isKnown(visit, sub) {
      const id = devices.deviceOf(visit.device, sub)
      return id !== undefined && (await repositories.devices.isKnown(id, sub))
    },
    async remember(visit, sub) {
      const { cookie, id } = devices.withDevice(visit.device, sub)
      await repositories.devices.seen(id, sub, clock.now(), mostDevices)
      return cookie
    },
    loginOf: (emailKey) => sealer.digest(emailKey, 'login').slice(0, 22),
    keysOf: (sub) => ({ strangers: `password:${sub}`, own: `own:${sub}`, code: `code:${sub}` }),
  }
}
