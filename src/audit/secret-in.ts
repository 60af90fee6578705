/** Shapes of credentials that are issued, each with what it is called. Words are not enough: a value must look issued. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN (?:[A-Z ]+ )?PRIVATE KEY-----[\s\S]{40}/, 'a private key'],
  [/\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/, 'a signed token'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, 'a key of AWS'],
  [/\bgh[pousr]_[A-Za-z0-9]{36,}\b/, 'a token of GitHub'],
  [/\bglpat-[\w-]{20,}\b/, 'a token of GitLab'],
  [/\bxox[abeprs]-[\w-]{20,}/, 'a token of Slack'],
  [/\bsk_live_[A-Za-z0-9]{20,}\b|\brk_live_[A-Za-z0-9]{20,}\b/, 'a key of Stripe'],
  [/\bsk-(?:proj-)?[A-Za-z0-9_-]{40,}\b/, 'a key of OpenAI'],
  [/\bAIza[\w-]{35}\b/, 'a key of Google'],
  [/\bSG\.[\w-]{20,}\.[\w-]{40,}\b/, 'a key of SendGrid'],
  [/\bnpm_[A-Za-z0-9]{36}\b/, 'a token of npm'],
  [
    /\b(?:postgres|postgresql|mysql|mongodb(?:\+srv)?|redis|amqps?):\/\/[^\s:@/]+:[^\s@/]{3,}@[\w.-]+/,
    'a connection with its password',
  ],
  [/\b(?:Bearer|Basic)\s+(?!<)[A-Za-z0-9+/_=-]{32,}/, 'a credential'],
]
/** Values that everybody prints. */
const placeholder =
  /EXAMPLE|x{6,}|\*{3,}|<[^>]+>|0{8,}|1234567|abcdef|your[-_ ]|placeholder|redacted|dummy|sample/i
/** The token of jwt.io and its kin. */
const published = /SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c|TJVA95OrM7E2cBab30RMHrHDcEfxjoYZgeFONFh7HgQ/

/** What a text looks like it holds; undefined where it holds no secret that anybody issued. */
export function secretIn(text: string): string | undefined {
  const read = text.length > 20_000 ? text.slice(0, 20_000) : text
  for (const [shape, what] of shapes) {
    const match = shape.exec(read)?.[0]
    if (match !== undefined && !placeholder.test(match) && !published.test(match)) return what
  }
  return undefined
}
