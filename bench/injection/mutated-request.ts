import { honestText } from './honest-texts.ts'
import { type createRandom, makeVariant, variantClasses } from './variants.ts'

type Random = ReturnType<typeof createRandom>

/** One mutated request. */
export interface MutatedRequest {
  readonly bytes: Buffer
  /** Target and body as sent, where its framing was left whole. */
  readonly whole: { readonly target: string; readonly body: Buffer } | undefined
}

const pick = <T>(random: Random, list: readonly T[]): T => list[random(list.length)] as T

/** What parsers trip over. */
const marks = [
  '\0',
  '\r\n',
  '\n',
  '%',
  '%00',
  '%0d%0a',
  '%2e%2e%2f',
  '%252e',
  '%c0%ae',
  '%u2215',
  '\\',
  '\\u0000',
  '\\ud800',
  '\ufeff',
  '\u2028',
  '\u202e',
  '\uff1c',
  '\ud83d\ude00',
  '"',
  "'",
  '`',
  '{',
  '}',
  '[',
  ']',
  '{"a":',
  '[[',
  '}}',
  '(',
  ')',
  '<',
  '>',
  '<!',
  ']]>',
  '&',
  '=',
  '&&',
  ';',
  '#',
  '?',
  '/',
  '//',
  '/../',
  '+',
  ',',
  ':',
  '__proto__',
  'constructor',
  '1e999',
  '-0',
  '9'.repeat(40),
  '--',
  '/*',
  '*/',
  '\x7f',
  '\x80',
  '\xff',
  'é',
  '日本',
  'A'.repeat(300),
  ' '.repeat(60),
  '\t',
  '${',
  '{{',
  '%%',
  '--b',
  '--b--',
  '\r\n\r\n',
]

const kinds = ['json', 'form', 'multipart', 'xml', 'text', 'query', 'path', 'field', 'cookie'] as const

function content(random: Random): string {
  const many = 1 + random(3)
  let text = ''
  for (let i = 0; i < many; i++)
    text += random(3) === 0 ? makeVariant(pick(random, variantClasses), random) : honestText(random, 200)
  return text
}

function mutate(text: string, random: Random): string {
  let out = text
  for (let left = random(4); left > 0; left--) {
    const at = random(out.length + 1)
    switch (random(6)) {
      case 0:
        out = out.slice(0, at) + pick(random, marks) + out.slice(at)
        break
      case 1:
        out = out.slice(0, at) + out.slice(at + 1 + random(8))
        break
      case 2:
        out =
          out.slice(0, at) + String.fromCharCode(random(random(4) === 0 ? 65_536 : 256)) + out.slice(at + 1)
        break
      case 3: {
        const piece = out.slice(at, at + 1 + random(40))
        out = out.slice(0, at) + piece.repeat(1 + random(6)) + out.slice(at)
        break
      }
      case 4:
        out = out.slice(0, at)
        break
      default:
        out = out.slice(at) + out.slice(0, at)
    }
  }
  return out
}

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

/** Makes one request in one of the carriers that the permissive contract knows, and breaks something about it. */
export function mutatedRequest(number: string, random: Random): MutatedRequest {
  const kind = pick(random, kinds)
  const text = mutate(content(random), random)
  let target = '/any'
  let type = ''
  let body = ''
  let field = ''
  switch (kind) {
    case 'json':
      type = 'application/json'
      body = JSON.stringify(
        random(3) === 0 ? { [content(random).slice(0, 40)]: [text, { b: text }] } : { value: text },
      )
      break
    case 'form':
      type = 'application/x-www-form-urlencoded'
      body = `a=${encoded(text)}&b=1`
      break
    case 'multipart':
      type = 'multipart/form-data; boundary=b'
      body = `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${text}\r\n--b--\r\n`
      break
    case 'xml':
      type = 'application/xml'
      body = `<a b="1">${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</a>`
      break
    case 'text':
      type = 'text/plain'
      body = text
      break
    case 'query':
      target = `/any?q=${encoded(text)}&n=1`
      break
    case 'path':
      target = `/a/${encoded(text.slice(0, 200))}/c`
      break
    case 'field':
      field = `X-Note: ${text.replace(/[\r\n\0]/g, ' ').slice(0, 400)}\r\n`
      break
    default:
      field = `Cookie: a=${text.replace(/[\r\n\0;]/g, ' ').slice(0, 400)}; b=1\r\n`
  }
  if (random(3) === 0) body = mutate(body, random)
  if (random(3) === 0) target = `/${mutate(target.slice(1), random).replace(/[\s\0]/g, '%20')}`
  if (random(20) === 0) type = mutate(type, random).replace(/[\r\n\0]/g, '')
  // Bytes after a GET would be another request.
  const payload = Buffer.from(type === '' ? '' : body, 'utf8')
  const method = type === '' ? 'GET' : pick(random, ['POST', 'PUT', 'PATCH'])
  const coding = random(60) === 0 && type !== '' ? 'Content-Encoding: gzip\r\n' : ''
  let head = `${method} ${target} HTTP/1.1\r\nHost: gateway.test\r\nX-Call: ${number}\r\n${field}${coding}`
  if (type !== '') head += `Content-Type: ${type}\r\nContent-Length: ${payload.length}\r\n`
  const broken = random(400) === 0
  if (broken) head = mutate(head, random)
  const coded = random(8) === 0 ? 'latin1' : 'utf8'
  return {
    bytes: Buffer.concat([Buffer.from(`${head}\r\n`, coded), payload]),
    whole: broken ? undefined : { target: Buffer.from(target, coded).toString('latin1'), body: payload },
  }
}
