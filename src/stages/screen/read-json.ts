import type { Answered } from '../../kernel/facts.ts'
import { type Denial, isDenied } from '../../kernel/verdict.ts'
import { findingFields, trustField } from './context/context-fields.ts'
import { asksForEnvelope, enveloped, envelopeType } from './context/envelope.ts'
import { Inspection } from './context/inspection.ts'
import { judgeTexts } from './context/judge-texts.ts'
import { isForeign, isWatched } from './context/options.ts'
import { isShort, TextReader } from './context/text-reader.ts'
import { placeOf, pointerOf } from './pointer-of.ts'
import type { Reading } from './reading.ts'
import type { LeavingJson, ReadJson } from './reply-reader.ts'
import { SecretReader } from './secrets/secret-reader.ts'
import { walkTexts } from './walk-texts.ts'

/** Places that the envelope names. */
const mostPlaces = 64
const untouched: ReadJson = Object.freeze({ changed: false, fields: Object.freeze([]) })

/** Reads the texts of a JSON reply: on the event loop where they are few, beside it where they are many. */
export function readJson(
  reading: Reading,
  answered: Answered,
  leaving: LeavingJson,
): ReadJson | Denial | Promise<ReadJson | Denial> {
  const { content, read, search, listener, secrets, tools } = reading
  const hiding = search?.mayHoldJson(leaving.text) === true ? search : undefined
  if (content === undefined && hiding === undefined) {
    listener?.vouched(answered, leaving.text)
    return untouched
  }
  const secretReader =
    hiding === undefined || secrets === undefined ? undefined : new SecretReader(secrets, hiding)
  if (read === undefined) {
    const changed = secretReader !== undefined && walkFor(leaving, secretReader)
    const denial = secretReader?.judge(answered)
    if (denial !== undefined) return denial
    if (content === undefined || !isForeign(content)) listener?.vouched(answered, leaving.text)
    if (content === undefined || isWatched(content)) return { changed, fields: [] }
    return wrapped(reading, answered, leaving, changed, new Inspection(), [])
  }
  const reader = new TextReader(read, tools, undefined, leaving.text.length)
  if (!reader.isLong(leaving.text.length)) return finish(reading, answered, leaving, reader, secretReader)
  // The texts as they will be read, in one piece, beside the event loop.
  const texts: string[] = []
  const probe = hiding === undefined || secrets === undefined ? undefined : new SecretReader(secrets, hiding)
  walkTexts(leaving.root, leaving.texts, {
    all: false,
    text(text, _free, path) {
      texts.push(probe?.read(text, path) ?? text)
      return text
    },
    name(name) {
      if (!isShort(name)) texts.push(name)
      return name
    },
  })
  return reader.ahead(texts, answered).then(() => finish(reading, answered, leaving, reader, secretReader))
}

/** The walk in which texts are replaced, and what is said of the reply. */
function finish(
  reading: Reading,
  answered: Answered,
  leaving: LeavingJson,
  reader: TextReader,
  secretReader: SecretReader | undefined,
): ReadJson | Denial | Promise<ReadJson> {
  const { read, listener } = reading
  if (read === undefined) return untouched
  const told: string[] | undefined = listener === undefined || !isForeign(read) ? undefined : []
  const places: Set<string> | undefined = wantsEnvelope(reading, answered) ? new Set() : undefined
  const changed = walkTexts(leaving.root, leaving.texts, {
    all: secretReader !== undefined,
    text(text, free, path) {
      const shown = secretReader?.read(text, path) ?? text
      if (!free) return shown
      const left = reader.read(shown, () => pointerOf(path))
      if (places !== undefined && places.size < mostPlaces) places.add(placeOf(path))
      told?.push(left)
      return left
    },
    name: (name, path) => reader.readName(name, () => pointerOf(path)),
    ...(secretReader !== undefined && { number: (value, path) => secretReader.readNumber(value, path) }),
  })
  const denial = secretReader?.judge(answered) ?? judgeTexts(answered, read, reader.inspection)
  if (isDenied(denial)) return denial
  const noted = told === undefined ? undefined : listener?.foreign(answered, told)
  if (told === undefined) listener?.vouched(answered, leaving.text)
  const left: ReadJson = isWatched(read)
    ? { changed, fields: [] }
    : wrapped(reading, answered, leaving, changed, reader.inspection, [...(places ?? [])])
  return noted instanceof Promise ? noted.then(() => left) : left
}

/** Secrets alone. */
function walkFor(leaving: LeavingJson, secretReader: SecretReader): boolean {
  return walkTexts(leaving.root, leaving.texts, {
    all: true,
    text: (text, _free, path) => secretReader.read(text, path),
    number: (value, path) => secretReader.readNumber(value, path),
  })
}

function wantsEnvelope({ content }: Reading, answered: Answered): boolean {
  return content !== undefined && (content.envelope !== false || asksForEnvelope(answered))
}

function wrapped(
  reading: Reading,
  answered: Answered,
  leaving: LeavingJson,
  changed: boolean,
  inspection: Inspection,
  places: readonly string[],
): ReadJson {
  const { content, read, tools } = reading
  if (content === undefined) return { changed, fields: [] }
  const fields = [
    ...trustField(content, leaving.schema),
    ...(read === undefined ? [] : findingFields(inspection)),
    ...(content.envelope ? [] : ['Vary', 'Accept']),
  ]
  if (!wantsEnvelope(reading, answered)) return { changed, fields }
  return {
    changed: true,
    fields,
    wrap: (data) => ({
      body: enveloped(answered, content, inspection, places, data, tools.sign),
      coded: false,
      mediaType: envelopeType,
    }),
  }
}
