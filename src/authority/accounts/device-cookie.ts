import { createHmac, randomBytes } from 'node:crypto'
import { isSameSecret } from '../../crypto/same-secret.ts'

/**
 * The known-device cookie: says that this browser has signed in to an account before. One entry for each of the last five
 * accounts, `ID.MAC` joined by `~`; the MAC covers the account's subject, which is not in the cookie.
 */
export interface DeviceCookie {
  /** Id of the device for this account; undefined where no entry is its own. */
  deviceOf(cookie: string | undefined, sub: string): string | undefined
  /** The cookie with an entry for this account, the account's old one where it has one. */
  withDevice(cookie: string | undefined, sub: string): { readonly cookie: string; readonly id: string }
}

const most = 5
const entryForm = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/

export function createDeviceCookie(key: Uint8Array): DeviceCookie {
  const macOf = (id: string, sub: string): string =>
    createHmac('sha256', key).update(`${id}\0${sub}`).digest('base64url')
  const entriesOf = (cookie: string | undefined): string[] =>
    cookie === undefined || cookie.length > most * 80
      ? []
      : cookie
          .split('~')
          .filter((entry) => entryForm.test(entry))
          .slice(0, most)
  const isOf = (entry: string, sub: string): boolean => {
    const [, id = '', mac = ''] = entryForm.exec(entry) ?? []
    return isSameSecret(mac, macOf(id, sub))
  }
  return {
    deviceOf: (cookie, sub) =>
      entriesOf(cookie)
        .find((entry) => isOf(entry, sub))
        ?.slice(0, 22),
    withDevice(cookie, sub) {
      const entries = entriesOf(cookie)
      const own = entries.find((entry) => isOf(entry, sub))
      const id = own?.slice(0, 22) ?? randomBytes(16).toString('base64url')
      const entry = own ?? `${id}.${macOf(id, sub)}`
      const others = entries.filter((other) => other !== entry)
      return { id, cookie: [entry, ...others].slice(0, most).join('~') }
    },
  }
}
