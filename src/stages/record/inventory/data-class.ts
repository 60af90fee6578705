import { isIP } from 'node:net'

/** Classes of sensitive data, by the words of a name or by the form of a value. */
export type DataClass =
  | 'email'
  | 'phone'
  | 'person-name'
  | 'postal-address'
  | 'date-of-birth'
  | 'location'
  | 'ip-address'
  | 'national-id'
  | 'card-number'
  | 'bank-account'
  | 'health'
  | 'password'
  | 'token'
  | 'private-key'

/** Whole words of a name, spaces between them. */
const byName: readonly (readonly [DataClass, RegExp])[] = [
  ['password', /\b(?:password|passwd|pwd|passphrase|pin code)\b/],
  ['token', /\b(?:access|refresh|id|auth|session|api|csrf) (?:token|key)\b|\b(?:jwt|secret|otp)\b/],
  ['email', /\b(?:e ?mail)\b/],
  ['phone', /\b(?:phone|mobile|telephone|fax|msisdn)\b/],
  ['person-name', /\b(?:first|last|family|given|full|middle|maiden) name\b|^(?:surname|forename)$/],
  ['postal-address', /\b(?:street|address line ?\d?|postal code|post code|zip|zip code|postcode)\b/],
  ['date-of-birth', /\b(?:date of birth|birth ?date|birth ?day|dob)\b/],
  ['location', /\b(?:latitude|longitude|geo ?location|gps)\b/],
  [
    'national-id',
    /\b(?:ssn|social security(?: number)?|national id|passport(?: number)?|tax id|driving licen[cs]e)\b/,
  ],
  ['card-number', /\b(?:card number|pan|cvv|cvc|credit card)\b/],
  ['bank-account', /\b(?:iban|account number|sort code|routing number|bic|swift)\b/],
  ['health', /\b(?:diagnosis|medication|blood type|allerg(?:y|ies)|prescription|medical)\b/],
]

/** The class of a value, by its name first; undefined where it is none. Only texts and numbers are asked about. */
export function dataClassOf(name: string, value: string | number | bigint): DataClass | undefined {
  if (value === '') return undefined
  const words = wordsOf(name)
  for (const [kind, pattern] of byName) if (pattern.test(words)) return kind
  return typeof value === 'string' ? byForm(value) : undefined
}

function byForm(value: string): DataClass | undefined {
  if (value.length < 7) return undefined
  if (value.includes('PRIVATE KEY-----')) return 'private-key'
  if (value.length > 4_096) return undefined
  if (value.length <= 254 && /^[^\s@]{1,64}@[a-z0-9-]{1,63}\.[a-z0-9.-]{1,190}$/i.test(value)) return 'email'
  if (/^eyJ[\w-]{10,}\.eyJ[\w-]{4,}\./.test(value)) return 'token'
  if (/^[A-Z]{2}\d{2}[A-Z0-9 ]{11,38}$/.test(value) && isIban(value)) return 'bank-account'
  if (/^[3-6]\d{3}[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,7}$/.test(value) && isLuhn(value)) return 'card-number'
  if (/^\+\d[\d ()-]{7,18}$/.test(value)) return 'phone'
  return isIP(value) !== 0 ? 'ip-address' : undefined
}

function isIban(text: string): boolean {
  const plain = text.replaceAll(' ', '')
  if (plain.length < 15 || plain.length > 34) return false
  let rest = 0
  for (const sign of plain.slice(4) + plain.slice(0, 4))
    for (const digit of String(Number.parseInt(sign, 36))) rest = (rest * 10 + Number(digit)) % 97
  return rest === 1
}

function isLuhn(text: string): boolean {
  let sum = 0
  let double = false
  for (let i = text.length - 1; i >= 0; i--) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) continue
    const part = double ? digit * 2 : digit
    sum += part > 9 ? part - 9 : part
    double = !double
  }
  return sum % 10 === 0
}

/** `dateOfBirth` → `date of birth`. */
function wordsOf(name: string): string {
  return name
    .slice(0, 64)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .trim()
    .toLowerCase()
}
