import { isUtf8 } from 'node:buffer'
import type { Answered } from '../../kernel/facts.ts'
import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import { parseMediaType } from '../../media/media-type.ts'
import { dismiss } from './collect.ts'
import { findingFields, trustField, unreadField } from './context/context-fields.ts'
import type { ScanOptions } from './context/detect/detector.ts'
import { asksForEnvelope, enveloped, envelopeType } from './context/envelope.ts'
import { judgeTexts } from './context/judge-texts.ts'
import { isForeign, isWatched } from './context/options.ts'
import { TextReader } from './context/text-reader.ts'
import { plainBytes } from './plain-bytes.ts'
import { openStream, secretStream, wholeStream } from './read-stream.ts'
import type { Reading } from './reading.ts'
import type { ScreenedBody } from './screened-body.ts'
import { SecretReader } from './secrets/secret-reader.ts'

type Kind = 'text' | 'ndjson' | 'sse'

const lines: ReadonlySet<string> = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonlines',
  'application/json-seq',
])
const markup: ReadonlySet<string> = new Set([
  'application/xhtml+xml',
  'application/xml',
  'application/rss+xml',
  'application/atom+xml',
])

/** Undefined for what holds no text that we read. */
function kindOf(essence: string | undefined): Kind | undefined {
  if (essence === undefined) return undefined
  if (essence === 'text/event-stream') return 'sse'
  if (lines.has(essence)) return 'ndjson'
  return essence.startsWith('text/') || markup.has(essence) || essence.endsWith('+xml') ? 'text' : undefined
}

function languageOf(essence: string): ScanOptions['kind'] {
  if (essence === 'text/markdown') return 'markdown'
  if (essence === 'text/html' || markup.has(essence) || essence.endsWith('xml')) return 'html'
  return undefined
}

/** Reads a reply that is text, or a stream of texts. What is neither leaves, and its fields say that it was not read. */
export function readBody(
  reading: Reading,
  answered: Answered,
  essence: string | undefined,
): ScreenedBody | Denial | Promise<ScreenedBody | Denial> {
  const { content, read } = reading
  const { answer } = answered
  const kind = kindOf(essence)
  if (kind === undefined || essence === undefined) {
    const fields = content === undefined || isWatched(content) ? [] : [...trustField(content), ...unreadField]
    if (read !== undefined)
      answered.trail.note('screen', 'screen.context', 'allow', undefined, 'partial; not a text')
    return { body: answer.body, coded: true, fields }
  }
  if (answer.status === 206 && read !== undefined && !isWatched(read)) {
    dismiss(answer.body)
    return deny('SCREEN_CONTEXT', 'screen.context', 'a part of a text that nobody asked for')
  }
  if (kind === 'text') return wholeText(reading, answered, essence)
  if (read === undefined) return secretStream(reading, answered, kind)
  // Bytes once flushed cannot be recalled: what may be refused is read first.
  if (read.whole || (read.mode === 'block' && !isWatched(read))) return wholeStream(reading, answered, kind)
  return openStream(reading, answered, kind)
}

async function wholeText(
  reading: Reading,
  answered: Answered,
  essence: string,
): Promise<ScreenedBody | Denial> {
  const { content, read, secrets, search, listener, tools } = reading
  const bytes = await plainBytes(answered.answer, read?.maxBytes ?? defaultMaxBytes)
  if (isDenied(bytes)) return bytes
  const decoded = decode(bytes, answered)
  let text = decoded.text
  const secretReader =
    secrets === undefined || search === undefined ? undefined : new SecretReader(secrets, search)
  if (secretReader !== undefined) text = secretReader.read(text, [])
  const secret = secretReader?.judge(answered)
  if (secret !== undefined) return secret
  if (read === undefined || content === undefined)
    return text === decoded.text ? { body: bytes, coded: false } : rewritten(text, essence, [])
  const reader = new TextReader(read, tools, languageOf(essence))
  if (decoded.malformed > 0) {
    if (read.mode === 'block' && !isWatched(read))
      return deny('SCREEN_CONTEXT', 'screen.context', 'a text that is not what its charset says')
    reader.inspection.count('malformed', decoded.malformed)
  }
  if (reader.isLong(text.length)) {
    const head = text.slice(0, longest)
    await reader.ahead([head], answered)
    if (text.length > longest) reader.inspection.partial = true
    text = reader.read(head, () => '') + text.slice(longest)
  } else text = reader.read(text, () => '')
  const denial = judgeTexts(answered, read, reader.inspection)
  if (denial !== undefined) return denial
  if (isForeign(read)) await listener?.foreign(answered, [text])
  if (isWatched(read))
    return text === decoded.text ? { body: bytes, coded: false } : rewritten(text, essence, [])
  const fields = [
    ...trustField(content),
    ...findingFields(reader.inspection),
    ...(content.envelope ? [] : ['Vary', 'Accept']),
  ]
  if (content.envelope === true || asksForEnvelope(answered))
    return {
      body: enveloped(answered, content, reader.inspection, [''], JSON.stringify(text), tools.sign),
      coded: false,
      mediaType: envelopeType,
      rewritten: true,
      fields,
    }
  if (text === decoded.text && decoded.malformed === 0) return { body: bytes, coded: false, fields }
  return rewritten(text, essence, fields)
}

/** Bytes of a text that is only searched for secrets. */
const defaultMaxBytes = 8 * 1024 ** 2
/** Characters of one text that are read. */
const longest = 262_144

/** A text that was changed leaves as UTF-8. */
function rewritten(text: string, essence: string, fields: readonly string[]): ScreenedBody {
  return {
    body: Buffer.from(text),
    coded: false,
    mediaType: `${essence}; charset=utf-8`,
    rewritten: true,
    fields,
  }
}

/** The text of a reply as its reader will see it; octets that are none in its charset are U+FFFD. */
function decode(bytes: Uint8Array, answered: Answered): { text: string; malformed: number } {
  const raw = answered.answer.fields.get('content-type') ?? ''
  const charset = parseMediaType(raw)?.charset ?? 'utf-8'
  if ((charset === 'utf-8' || charset === 'us-ascii') && isUtf8(bytes))
    return {
      text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
      malformed: 0,
    }
  let decoder: TextDecoder
  try {
    decoder = new TextDecoder(charset, { ignoreBOM: true })
  } catch {
    decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  }
  const text = decoder.decode(bytes)
  return { text, malformed: text.split('\ufffd').length - 1 }
}
