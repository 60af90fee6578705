import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import type { Answered } from '../../kernel/facts.ts'
import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import { isKnownCoding } from '../../media/content-coding.ts'
import { parseMediaType } from '../../media/media-type.ts'
import { dismiss } from './collect.ts'
import { findingFields, pendingField, trustField, unreadField } from './context/context-fields.ts'
import type { ScanOptions } from './context/detect/detector.ts'
import { asksForEnvelope, enveloped, envelopeType } from './context/envelope.ts'
import { Inspection } from './context/inspection.ts'
import { judgeTexts, treatmentOf } from './context/judge-texts.ts'
import { isForeign, isWatched } from './context/options.ts'
import { StreamReader } from './context/stream-reader.ts'
import { TextReader } from './context/text-reader.ts'
import { TextStream } from './context/text-stream.ts'
import { inflated } from './inflated.ts'
import { plainBytes } from './plain-bytes.ts'
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
  // Secrets of streams are not looked for: a byte that left cannot be taken back.
  if (read === undefined) return { body: answer.body, coded: true }
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
  if (content.envelope || asksForEnvelope(answered))
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

async function wholeStream(
  reading: Reading,
  answered: Answered,
  kind: 'ndjson' | 'sse',
): Promise<ScreenedBody | Denial> {
  const { content, read, listener, tools } = reading
  if (read === undefined || content === undefined) return { body: answered.answer.body, coded: true }
  const bytes = await plainBytes(answered.answer, read.maxBytes)
  if (isDenied(bytes)) return bytes
  const inspection = new Inspection()
  const reader = streamReader(reading, answered, kind, inspection)
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const left = (reader?.feed(text) ?? text) + (reader?.end() ?? '')
  const denial = judgeTexts(answered, read, inspection)
  if (denial !== undefined) return denial
  if (isForeign(read)) await listener?.foreign(answered, [left])
  if (isWatched(read)) return { body: bytes, coded: false }
  const fields = [...trustField(content), ...findingFields(inspection)]
  if (content.envelope || asksForEnvelope(answered))
    return {
      body: enveloped(answered, content, inspection, [''], JSON.stringify(left), tools.sign),
      coded: false,
      mediaType: envelopeType,
      rewritten: true,
      fields,
    }
  return { body: Buffer.from(left), coded: false, rewritten: left !== text, fields }
}

function streamReader(
  { read, tools, listener }: Reading,
  answered: Answered,
  kind: 'ndjson' | 'sse',
  inspection: Inspection,
): StreamReader | undefined {
  if (read === undefined) return undefined
  const { options } = new TextReader(read, tools)
  return new StreamReader({
    kind,
    inspection,
    detector: tools.detector,
    treatment: options,
    ...(isForeign(read) &&
      listener !== undefined && {
        heard(text: string) {
          const noted = listener.foreign(answered, [text])
          // What has left cannot be held back: the record says that not all was done.
          if (noted instanceof Promise)
            noted.catch(() => {
              inspection.partial = true
            })
        },
      }),
  })
}

function openStream(reading: Reading, answered: Answered, kind: 'ndjson' | 'sse'): ScreenedBody | Denial {
  const { content, read } = reading
  const { answer } = answered
  if (read === undefined || content === undefined || answer.body === undefined)
    return { body: answer.body, coded: true }
  const coding = answer.fields.get('content-encoding')?.toLowerCase()
  const plain = coding === undefined || coding === 'identity'
  if (!plain && !isKnownCoding(coding)) {
    dismiss(answer.body)
    return deny('SCREEN_SCHEMA', 'screen.coding', 'unknown content coding')
  }
  const inspection = new Inspection()
  const reader = streamReader(reading, answered, kind, inspection)
  if (reader === undefined) return { body: answer.body, coded: true }
  const stream = new TextStream({
    reader,
    watching: treatmentOf(read) === 'leave',
    summary: kind === 'sse' && !isWatched(read) ? () => summaryOf(inspection) : undefined,
    over: () => void judgeTexts(answered, read, inspection, true),
  })
  const source = plain ? answer.body : inflated(answer.body, coding as Parameters<typeof inflated>[1])
  if (source instanceof Uint8Array) stream.end(source)
  else join(source, stream)
  return {
    body: stream,
    coded: false,
    rewritten: true,
    fields: isWatched(read) ? [] : [...trustField(content), ...pendingField],
  }
}

/** What became of a stream of events, as a comment: readers of events skip it, those of texts do not. */
function summaryOf(inspection: Inspection): string {
  const [, risk = ''] = findingFields(inspection)
  return `: context-risk ${risk}\n`
}

/** Both end together, whichever ends first. */
function join(source: Readable, stream: TextStream): void {
  source.once('error', (error) => stream.destroy(error))
  stream.once('close', () => source.destroy())
  source.pipe(stream)
}
