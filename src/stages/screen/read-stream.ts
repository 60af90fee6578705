import type { Readable, Transform } from 'node:stream'
import type { Answered } from '../../kernel/facts.ts'
import { type Denial, deny, isDenied } from '../../kernel/verdict.ts'
import { isKnownCoding } from '../../media/content-coding.ts'
import { dismiss } from './collect.ts'
import { findingFields, pendingField, trustField } from './context/context-fields.ts'
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
import { SecretStream } from './secrets/secret-stream.ts'
import { StreamSecrets } from './secrets/stream-secrets.ts'

/** A stream of events or lines that is read whole before a byte of it leaves. */
export async function wholeStream(
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
  const decoded = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const secretReader = secretReaderOf(reading)
  let text = decoded
  if (secretReader !== undefined && reading.search !== undefined) {
    const secrets = new StreamSecrets({
      kind,
      search: reading.search,
      watching: reading.secrets?.mode !== 'enforce',
      found: (found, name) => secretReader.note(found, name),
      cut: () => undefined,
    })
    const cleared = secrets.feed(text) + secrets.end()
    const denial = secretReader.judge(answered)
    if (denial !== undefined) return denial
    text = cleared
  }
  const left = (reader?.feed(text) ?? text) + (reader?.end() ?? '')
  const denial = judgeTexts(answered, read, inspection)
  if (denial !== undefined) return denial
  if (isForeign(read)) await listener?.foreign(answered, [left])
  if (isWatched(read))
    return text === decoded
      ? { body: bytes, coded: false }
      : { body: Buffer.from(text), coded: false, rewritten: true }
  const fields = [...trustField(content), ...findingFields(inspection)]
  if (content.envelope === true || asksForEnvelope(answered))
    return {
      body: enveloped(answered, content, inspection, [''], JSON.stringify(left), tools.sign),
      coded: false,
      mediaType: envelopeType,
      rewritten: true,
      fields,
    }
  return { body: Buffer.from(left), coded: false, rewritten: left !== decoded, fields }
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

/** A stream of events or lines that is read as it comes. */
export function openStream(
  reading: Reading,
  answered: Answered,
  kind: 'ndjson' | 'sse',
): ScreenedBody | Denial {
  const { content, read } = reading
  const { answer } = answered
  if (read === undefined || content === undefined || answer.body === undefined)
    return { body: answer.body, coded: true }
  const plain = plainStream(answered)
  if (isDenied(plain)) return plain
  const inspection = new Inspection()
  const reader = streamReader(reading, answered, kind, inspection)
  if (reader === undefined) return { body: answer.body, coded: true }
  const stream = new TextStream({
    reader,
    watching: treatmentOf(read) === 'leave',
    summary: kind === 'sse' && !isWatched(read) ? () => summaryOf(inspection) : undefined,
    over: () => void judgeTexts(answered, read, inspection, true),
  })
  const secrets = secretTransform(reading, answered, kind)
  if (secrets === undefined) pass(plain, stream)
  else {
    pass(plain, secrets)
    pass(secrets, stream)
  }
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

/** A stream of which only secrets are looked for. */
export function secretStream(
  reading: Reading,
  answered: Answered,
  kind: 'ndjson' | 'sse',
): ScreenedBody | Denial {
  const secrets = secretTransform(reading, answered, kind)
  if (secrets === undefined || answered.answer.body === undefined)
    return { body: answered.answer.body, coded: true }
  const plain = plainStream(answered)
  if (isDenied(plain)) return plain
  pass(plain, secrets)
  const { content } = reading
  const fields = content === undefined || isWatched(content) ? [] : trustField(content)
  return { body: secrets, coded: false, rewritten: true, fields }
}

function secretReaderOf({ secrets, search }: Reading): SecretReader | undefined {
  return secrets === undefined || search === undefined ? undefined : new SecretReader(secrets, search)
}

function secretTransform(
  reading: Reading,
  answered: Answered,
  kind: 'ndjson' | 'sse',
): SecretStream | undefined {
  const reader = secretReaderOf(reading)
  const { search, secrets } = reading
  if (reader === undefined || search === undefined || secrets === undefined) return undefined
  const enforcing = secrets.mode === 'enforce'
  return new SecretStream({
    kind,
    search,
    watching: !enforcing,
    blocking: enforcing && secrets.action === 'block',
    found: (found, name) => reader.note(found, name),
    over(cut) {
      const denial = reader.judge(answered)
      if (denial !== undefined)
        answered.trail.note('screen', denial.check, 'deny', denial.code, denial.reason)
      if (cut)
        answered.trail.note(
          'screen',
          'screen.secrets',
          'allow',
          undefined,
          'partial; what began left in time',
        )
    },
  })
}

/** The body of an answer as it comes, its content coding undone. */
function plainStream({ answer }: Answered): Uint8Array | Readable | Denial {
  const coding = answer.fields.get('content-encoding')?.toLowerCase()
  const body = answer.body ?? new Uint8Array()
  if (coding === undefined || coding === 'identity') return body
  if (isKnownCoding(coding)) return inflated(body, coding)
  dismiss(answer.body)
  return deny('SCREEN_SCHEMA', 'screen.coding', 'unknown content coding')
}

/** Both end together, whichever ends first. */
function pass(source: Uint8Array | Readable, stream: Transform): void {
  if (source instanceof Uint8Array) {
    stream.end(source)
    return
  }
  source.once('error', (error) => stream.destroy(error))
  stream.once('close', () => source.destroy())
  source.pipe(stream)
}
