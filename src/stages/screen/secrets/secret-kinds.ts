import { isGithubToken, isIban, isLuhn } from './checksums.ts'

export const secretKinds = [
  'private-key',
  'cloud-key',
  'token',
  'connection-string',
  'card-number',
  'iban',
  'national-id',
] as const
export type SecretKind = (typeof secretKinds)[number]

/** One shape of a secret. Patterns are linear: bounded runs of one class of signs behind fixed words. */
export interface SecretPattern {
  readonly kind: SecretKind
  /** Matches somewhere in every text that the pattern matches: the cheap look before it. */
  readonly sign: RegExp
  readonly pattern: RegExp
  readonly holds?: (match: string) => boolean
}

const digitsOf = (match: string): string => match.replace(/\D/g, '')
const spread = (text: string): boolean => new Set(text).size > 8

export const secretPatterns: readonly SecretPattern[] = [
  {
    kind: 'private-key',
    sign: /PRIVATE KEY/,
    pattern:
      /-----BEGIN (?:[A-Z]{2,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----[^-]{0,16384}(?:-----END (?:[A-Z]{2,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----)?/g,
  },
  { kind: 'cloud-key', sign: /AKIA|ASIA/, pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g },
  { kind: 'cloud-key', sign: /AIza/, pattern: /\bAIza[\w-]{35}(?![\w-])/g },
  { kind: 'cloud-key', sign: /AccountKey=/, pattern: /AccountKey=[A-Za-z0-9+/]{86}==/g },
  {
    kind: 'token',
    sign: /ghp_|gho_|ghu_|ghs_|ghr_/,
    pattern: /\bgh[pousr]_[A-Za-z0-9]{36}\b/g,
    holds: isGithubToken,
  },
  { kind: 'token', sign: /github_pat_/, pattern: /\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b/g },
  { kind: 'token', sign: /glpat-/, pattern: /\bglpat-[\w-]{20,64}/g },
  { kind: 'token', sign: /xox/, pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,250}/g },
  { kind: 'token', sign: /sk_live_|rk_live_/, pattern: /\b[rs]k_live_[A-Za-z0-9]{16,99}\b/g },
  { kind: 'token', sign: /npm_/, pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { kind: 'token', sign: /pypi-AgE/, pattern: /\bpypi-AgE[\w-]{50,1000}/g },
  { kind: 'token', sign: /SG\./, pattern: /\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])/g },
  { kind: 'token', sign: /sk-/, pattern: /\bsk-(?:proj-|ant-|svcacct-)?[\w-]{32,200}/g, holds: spread },
  { kind: 'token', sign: /slp_/, pattern: /\bslp_[A-Za-z0-9_]{24,128}\b/g },
  {
    kind: 'token',
    sign: /eyJ/,
    pattern: /(?<![\w-])eyJ[\w-]{10,2000}\.eyJ[\w-]{10,8000}\.[\w-]{16,2000}/g,
  },
  {
    kind: 'connection-string',
    sign: /:\/\//,
    pattern:
      /\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|sqlserver|ftp|smtps?|https?):\/\/[^\s/:@"']{1,128}:[^\s/@"']{3,256}@[^\s/"']{1,255}/g,
  },
  {
    kind: 'connection-string',
    sign: /assword=|Pwd=|pwd=/,
    pattern:
      /\b(?:Server|Data Source|Host)=[^;\s"']{1,255};[^"'\n]{0,1024}?(?:Password|Pwd)=[^;\s"']{1,255}/gi,
  },
  {
    kind: 'card-number',
    sign: /\d(?:[ -]?\d){12}/,
    pattern:
      /(?<![\d.,-])(?:3[47]\d{2}|4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|6(?:011|4[4-9]\d|5\d{2}))(?:[ -]?\d{4}){2}(?:[ -]?\d{1,7})(?![\d.,-]*\d)/g,
    holds: (match) => {
      const digits = digitsOf(match)
      return digits.length >= 13 && digits.length <= 19 && isLuhn(digits) && new Set(digits).size > 1
    },
  },
  {
    kind: 'iban',
    sign: /[A-Z]{2}\d{2} ?[A-Z0-9]{4}/,
    pattern: /\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b/g,
    holds: (match) => isIban(match.replaceAll(' ', '')),
  },
  {
    kind: 'national-id',
    sign: /\d{3}-\d{2}-\d{4}/,
    pattern: /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g,
  },
]
