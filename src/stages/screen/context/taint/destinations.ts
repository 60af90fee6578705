import { domainToASCII } from 'node:url'
import { hostsBehindUsersIn, hostsIn, mailAddressesIn } from './hosts-in.ts'
import { numbersIn } from './numbers-in.ts'

/** What a text names that something could be sent to. */
export interface Destinations {
  /** In one spelling each, so that a rewritten one is the same: `e:` address, `h:` host, `i:` IBAN, `n:` number, `l:` long id. */
  readonly keys: readonly string[]
  /** There are more than are kept, or the text was not read to its end. */
  readonly overflow: boolean
}

/** Characters of one text that are looked through. */
const mostChars = 262_144
/** Destinations of one text that are kept. */
const mostKeys = 512
const unread: Destinations = Object.freeze({ keys: Object.freeze([]), overflow: true })
const none: Destinations = Object.freeze({ keys: Object.freeze([]), overflow: false })

const date =
  /^(?:19|20)\d\d[-./ ]\d\d?[-./ ]\d\d?|^\d\d?[-./ ]\d\d?[-./ ](?:19|20)\d\d|^(?:19|20)\d\d[-/ ]+(?:19|20)\d\d$/
/** `eve (at) evil [dot] example`, as it is written to be overlooked. */
const spelled = /\s{0,4}[[({<]\s{0,4}(at|dot)\s{0,4}[\])}>]\s{0,4}/g

/** E-mail addresses, hosts, IBANs, telephone numbers, wallets and long ids of a text. Linear. */
export function destinationsOf(text: string): Destinations {
  if (text.length < 5) return none
  let low = (text.length > mostChars ? text.slice(0, mostChars) : text).toLowerCase()
  const digits = /\d/.test(low)
  if (!digits && !low.includes('.') && !low.includes('@') && !low.includes('dot'))
    return text.length > mostChars ? unread : none
  // Full-width letters and their kin are the letters they look like; ASCII is what it is.
  if (/[^\x00-\x7f]/.test(low)) low = low.normalize('NFKC').toLowerCase()
  if (low.includes('dot)') || low.includes('dot]') || /[[({<]\s{0,4}(?:at|dot)\s/.test(low))
    low = low.replace(spelled, (_all, word: string) => (word === 'at' ? '@' : '.'))
  const keys = new Set<string>()
  if (low.includes('@')) for (const value of mailAddressesIn(low)) keys.add(`e:${asciiAddress(value)}`)
  if (low.includes('//') && low.includes('@'))
    for (const host of hostsBehindUsersIn(low)) keys.add(`h:${asciiHost(host)}`)
  if (low.includes('.')) for (const value of hostsIn(low)) keys.add(`h:${asciiHost(value)}`)
  if (digits) addNumbers(low, keys)
  if (keys.size === 0) return text.length > mostChars ? unread : none
  const all = [...keys]
  return {
    keys: all.length > mostKeys ? all.slice(0, mostKeys) : all,
    overflow: all.length > mostKeys || text.length > mostChars,
  }
}

/** The keys, and after them those under which a destination may have been seen: the domain of an address, domains above a host. */
export function withParents(keys: readonly string[]): readonly string[] {
  const all = [...keys]
  for (const key of keys) {
    const host = key.startsWith('h:')
      ? key.slice(2)
      : key.startsWith('e:')
        ? key.slice(key.indexOf('@') + 1)
        : ''
    if (host === '' || /^[\d.]+$/.test(host)) continue
    if (key.startsWith('e:')) all.push(`h:${host}`)
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      const above = host.slice(dot + 1)
      if (above.includes('.')) all.push(`h:${above}`)
    }
  }
  return all
}

function addNumbers(low: string, keys: Set<string>): void {
  const { ibans, numbers, ids } = numbersIn(low)
  for (const value of ibans) {
    const plain = value.replaceAll(' ', '')
    if (plain.length >= 15 && plain.length <= 34 && isWhole(plain)) keys.add(`i:${plain}`)
  }
  for (const value of numbers) {
    if (date.test(value)) continue
    const plain = value.replaceAll(/\D/g, '')
    // The same number with and without its country: its last nine digits.
    if (plain.length >= 8 && plain.length <= 24) keys.add(`n:${plain.length <= 15 ? plain.slice(-9) : plain}`)
  }
  for (const value of ids) keys.add(`l:${value.replaceAll(/[-_]/g, '')}`)
}

/** The remainder of an IBAN by 97 is 1 (ISO 13616). */
function isWhole(iban: string): boolean {
  let rest = 0
  for (const sign of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(sign, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}

function asciiAddress(address: string): string {
  const at = address.lastIndexOf('@')
  return `${address.slice(0, at)}@${asciiHost(address.slice(at + 1))}`
}

function asciiHost(host: string): string {
  return /[^\x00-\x7f]/.test(host) ? domainToASCII(host) || host : host
}
