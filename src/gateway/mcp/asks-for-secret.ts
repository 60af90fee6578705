import { firstLetter, foldTable } from '../../stages/screen/context/detect/fold-table.ts'

/** Words for what gives access or pays, in texts where capitals and separators are gone. */
const words =
  /\b(?:pass ?(?:words?|phrases?|codes?|wd)|pwd|pin (?:code|number)|secrets?|api ?keys?|access ?(?:keys?|tokens?|codes?)|(?:bearer|auth|oauth|refresh|session|security|personal|id) ?tokens?|(?:private|ssh|signing|encryption|license) ?keys?|(?:seed|recovery|backup) ?(?:phrases?|words?|codes?|keys?)|mnemonic|credentials?|one ?time (?:codes?|passwords?|pins?)|otp|totp|(?:2|m) ?fa|(?:verification|authentication|authenticator|sms|login|security) codes?|cvv ?2?|cvc ?2?|card (?:number|no|pin|verification)|(?:credit|debit|bank) ?cards?|social ?security|ssn|session cookies?|kennworte?|passworte?|geheimzahl|zugangs(?:code|daten)|tan|mot de passe|code secret|clave (?:de acceso|secreta|privada)|senha|parola d ordine|wachtwoord|salasana|jelszo|sifre|heslo|haslo|losenord|adgangskode)\b/
/** The same in scripts whose words have no edges that an expression knows. */
const others = [
  'пароль',
  'пароля',
  'пин-код',
  'κωδικός πρόσβασης',
  'סיסמה',
  'סיסמא',
  'كلمة المرور',
  'كلمة السر',
  'पासवर्ड',
  'รหัสผ่าน',
  '密码',
  '密碼',
  '口令',
  '验证码',
  '驗證碼',
  'パスワード',
  '暗証番号',
  '비밀번호',
  'contraseña',
  'contraseñas',
]
/** A field that is called nothing but this. */
const bare = /^(?:pin|token|key|auth|cookie|jwt|bearer|seed)$/

/** Characters of one text that are looked at. */
const longest = 8_192
let table: Uint16Array | undefined

/** True where a text, or the name of a field, asks for what no form may ask for (passwords, keys, tokens, cards). */
export function asksForSecret(text: string, isName = false): boolean {
  const seen = text
    .slice(0, longest)
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
  const lower = seen.toLowerCase()
  if (others.some((word) => lower.includes(word))) return true
  const plain = spaced(seen)
  return words.test(plain) || words.test(folded(plain)) || (isName && bare.test(plain))
}

/** `apiKey`, `API_KEY` and `api-key` are `api key`. */
function spaced(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** Letters of other scripts as the Latin ones that they look like, and digits as those that they stand for. */
function folded(text: string): string {
  table ??= foldTable()
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const sign = table[text.charCodeAt(i)] ?? 0
    out += sign >= firstLetter ? String.fromCharCode(sign) : (text[i] ?? '')
  }
  return out.replace(/[0134@$5]/g, (sign) => look[sign] ?? sign)
}

const look: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '@': 'a',
  $: 's',
  '5': 's',
}
