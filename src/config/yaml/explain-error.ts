// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import type { ErrorObject } from 'ajv/dist/2020.js'
import type { Finding } from '../../kernel/finding.ts'
import { formats, namePattern } from '../document/words.ts'
import type { Reading } from '../reading.ts'
import { nearest } from './nearest.ts'
import { pointerToken } from './yaml-document.ts'

interface Described {
  readonly description?: string
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Described[]
  readonly properties?: Readonly<Record<string, Described>>
  readonly patternProperties?: Readonly<Record<string, Described>>
  readonly examples?: readonly unknown[]
}

/** Keys that people bring from elsewhere, with what to write here. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ['verify', 'an upstream is always verified; name its authorities under `tls: { authorities: FILE }`'],
  [
    'insecureSkipVerify',
    'an upstream is always verified; name its authorities under `tls: { authorities: FILE }`',
  ],
  [
    'rejectUnauthorized',
    'an upstream is always verified; name its authorities under `tls: { authorities: FILE }`',
  ],
  ['jwksUri', 'write `keys: { jwks: URL }`'],
  ['port', 'write `address: 127.0.0.1:PORT`'],
])

/** One schema error in words, at its place, with what to write. */
export function explainError(error: ErrorObject, reading: Reading): Finding {
  const schema = (error.parentSchema ?? {}) as Described
  const at = error.instancePath
  const say = (rule: string, message: string, fix?: string, place = reading.document.place(at)): Finding => {
    const finding = { rule, severity: 'error' as const, message, place }
    return fix === undefined ? finding : { ...finding, fix }
  }
  const name = nameOf(at)
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(error, schema, reading)
    case 'required': {
      const missing = String(error.params['missingProperty'])
      const described = schema.properties?.[missing]
      return say(
        'config.missing-key',
        `\`${missing}\` is missing${at === '' ? '' : ` in ${name}`}`,
        exampleOf(missing, described),
        reading.document.keyPlace(at),
      )
    }
    case 'format': {
      const format = formats.get(String(error.params['format']))
      const shown = typeof error.data === 'string' ? reading.show(at, error.data) : 'this'
      return say(
        'config.value',
        `${shown} is not ${format?.says ?? 'what is expected'}`,
        format && `write for example \`${format.example}\``,
      )
    }
    case 'enum':
    case 'const':
      return oneOf(error, schema.enum ?? [schema.const], reading)
    case 'anyOf': {
      const options = (schema.anyOf ?? []).flatMap(
        (option) => option.enum ?? (option.const === undefined ? [] : [option.const]),
      )
      const types = (schema.anyOf ?? []).flatMap((option) =>
        option.const === undefined && option.enum === undefined ? [article(option.type)] : [],
      )
      if (types.length === 0 || (typeof error.data === 'string' && !types.includes('a text'))) {
        const plain = oneOf(error, options, reading)
        return types.length === 0
          ? plain
          : { ...plain, fix: `${plain.fix ?? ''}, or ${[...new Set(types)].join(' or ')}` }
      }
      return say(
        'config.value',
        `${name} must be ${[...options.map((o) => `\`${String(o)}\``), ...new Set(types)].join(' or ')}`,
      )
    }
    case 'type':
      return say(
        'config.value',
        `${name} must be ${article(String(error.params['type']))}`,
        error.data === null ? 'give it a value, or remove it' : undefined,
      )
    case 'minimum':
    case 'maximum':
      return say(
        'config.value',
        `${name} must be ${error.keyword === 'minimum' ? 'at least' : 'at most'} ${String(error.params['limit'])}`,
      )
    case 'minItems':
    case 'minLength':
      return say('config.value', `${name} must not be empty`)
    case 'uniqueItems':
      return say('config.value', `${name} holds the same value twice`)
    case 'minProperties':
    case 'maxProperties':
      return say(
        'config.value',
        `${name} must hold ${error.keyword === 'minProperties' ? 'at least' : 'at most'} one entry`,
      )
    case 'pattern':
      return say('config.value', `${name} has a character that is not allowed there`)
    default:
      return say('config.value', `${name} is not valid`)
  }
}

function unknownKey(error: ErrorObject, schema: Described, reading: Reading): Finding {
  const key = String(error.params['additionalProperty'])
  const place = reading.document.keyPlace(`${error.instancePath}/${pointerToken(key)}`)
  const shown = key.length > 64 ? `${key.slice(0, 64)}…` : key
  if (schema.patternProperties !== undefined)
    return {
      rule: 'config.name',
      severity: 'error',
      message: `\`${shown}\` is not a usable name`,
      place,
      fix: `a name begins with a letter and goes on with letters, digits, \`_\` and \`-\` (${namePattern})`,
    }
  const known = Object.keys(schema.properties ?? {})
  const close = nearest(key, known)
  const message = `unknown key \`${shown}\`${close === undefined ? '' : `, did you mean \`${close}\`?`}`
  const fix =
    elsewhere.get(key) ?? (close === undefined ? `known here: ${known.join(', ')}` : `write \`${close}\``)
  return { rule: 'config.unknown-key', severity: 'error', message, place, fix }
}

function oneOf(error: ErrorObject, options: readonly unknown[], reading: Reading): Finding {
  const texts = options.map(String)
  const shown = ['string', 'number', 'boolean'].includes(typeof error.data)
    ? reading.show(error.instancePath, String(error.data))
    : nameOf(error.instancePath)
  const close = typeof error.data === 'string' ? nearest(error.data, texts) : undefined
  const none =
    typeof error.data === 'string' && error.data.toLowerCase() === 'none' && texts.includes('ES256')
  const message = none
    ? 'the algorithm `none` is never accepted: such a token proves nothing'
    : `${shown} is not known here${close === undefined || reading.isSubstituted(error.instancePath) ? '' : `, did you mean \`${close}\`?`}`
  return {
    rule: 'config.value',
    severity: 'error',
    message,
    place: reading.document.place(error.instancePath),
    fix: `write ${texts.length === 1 ? '' : 'one of '}${texts.map((text) => `\`${text}\``).join(', ')}`,
  }
}

function nameOf(pointer: string): string {
  const tokens = pointer.split('/').slice(1)
  if (tokens.length === 0) return 'the file'
  const last = tokens.at(-1) ?? ''
  const shown = (last.length > 64 ? `${last.slice(0, 64)}…` : last)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~')
  return /^\d+$/.test(shown) && tokens.length > 1
    ? `entry ${Number(shown) + 1} of \`${tokens.at(-2)}\``
    : `\`${shown}\``
}

function article(type: string | undefined): string {
  switch (type) {
    case 'object':
      return 'a mapping (`key: value` lines)'
    case 'array':
      return 'a list'
    case 'integer':
      return 'a whole number'
    case 'number':
      return 'a number'
    case 'boolean':
      return '`true` or `false`'
    default:
      return 'a text'
  }
}

function exampleOf(key: string, schema: Described | undefined): string | undefined {
  if (schema === undefined) return undefined
  const example = schema.examples?.[0]
  if (example !== undefined)
    return `write for example \`${key}: ${typeof example === 'string' ? example : JSON.stringify(example).replaceAll('"', '')}\``
  return schema.description
}
