/** Characters of one text that are looked through. */
const mostChars = 65_536
/** Destinations of one text that are kept. */
const mostFound = 256

const email = /[a-z0-9._%+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}/g
const url = /https?:\/\/([^\s/?#"'<>\\)\]]{1,255})/g
const iban = /\b[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?\b/g
const phone = /(?<![\w.])\+?\d[\d ().-]{7,20}\d(?![\w.])/g
const wallet = /\b(?:0x[0-9a-f]{40}|bc1[a-z0-9]{25,59})\b/g
/** Accounts and the like: letters with digits, or digits alone, long enough to name one thing. */
const longId = /\b(?=[a-z0-9]*\d)[a-z0-9]{12,40}\b/g

/**
 * What a text names that something could be sent to: e-mail addresses, hosts of URLs, IBANs, telephone numbers, wallets,
 * long ids. In one spelling each, so that a rewritten one is the same. Linear.
 */
export function destinationsOf(text: string): ReadonlySet<string> {
  const found = new Set<string>()
  if (text.length < 6) return found
  const low = text.slice(0, mostChars).toLowerCase()
  const add = (kind: string, value: string): void => {
    if (found.size < mostFound) found.add(`${kind}:${value}`)
  }
  if (low.includes('@')) for (const [value] of low.matchAll(email)) add('email', value)
  if (low.includes('://'))
    for (const [, authority = ''] of low.matchAll(url))
      add('host', authority.replace(/^.*@/, '').replace(/:\d+$/, ''))
  if (!/\d/.test(low)) return found
  for (const [value] of low.matchAll(iban)) {
    const plain = value.replaceAll(' ', '')
    if (plain.length >= 15 && plain.length <= 34) add('id', plain)
  }
  for (const [value] of low.matchAll(phone)) {
    const digits = value.replace(/\D/g, '')
    if (digits.length >= 8 && digits.length <= 15) add('phone', digits)
  }
  for (const [value] of low.matchAll(wallet)) add('id', value)
  for (const [value] of low.matchAll(longId)) add('id', value)
  return found
}
