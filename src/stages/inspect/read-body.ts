import { isUtf8 } from 'node:buffer'
import type { Admitted } from '../../kernel/facts.ts'
import type { BodyContract, MediaContract } from '../../kernel/operation.ts'
import { unreachable } from '../../kernel/unreachable.ts'
import { type Denial, deny, isDenied, type SchemaError } from '../../kernel/verdict.ts'
import { decodeContent, isKnownCoding } from '../../media/content-coding.ts'
import { parseForm } from '../../media/form.ts'
import { exactValue, parseJson } from '../../media/json.ts'
import { type MediaType, parseMediaType } from '../../media/media-type.ts'
import { parseMultipart } from '../../media/multipart.ts'
import { parseXmlTexts } from '../../media/xml-texts.ts'
import type { ReadBody } from './body.ts'
import { jsonLimitsOf } from './json-limits.ts'
import type { InspectPlan } from './plan.ts'
import { readGraphql } from './read-graphql.ts'

const unread = new Uint8Array(0)
const fine: readonly SchemaError[] = Object.freeze([])

/** Reads a declared body by its media type, or says why not. */
export async function readBody(
  admitted: Admitted,
  contract: BodyContract,
  plan: InspectPlan,
): Promise<ReadBody | Denial> {
  const raw = admitted.fields.get('content-type')
  const mediaType = raw === undefined ? undefined : parseMediaType(raw)
  if (mediaType === undefined) {
    const reason = raw === undefined ? 'body without Content-Type' : 'Content-Type does not parse'
    return deny('INSPECT_MEDIA_TYPE', 'inspect.media-type', reason)
  }
  const media = contract.find(mediaType.essence)
  if (media === undefined) return deny('INSPECT_MEDIA_TYPE', 'inspect.media-type', 'media type not declared')
  if (media.kind === 'binary') {
    // Nothing is opened in a stream; it is asked whether it may go on unread.
    const refused = plan.open?.(admitted, media, unread, plan.depth)
    return refused !== undefined && isDenied(refused) ? refused : streamed(admitted, mediaType, plan)
  }
  if (mediaType.charset !== 'utf-8' && mediaType.charset !== 'us-ascii')
    return deny('INSPECT_MEDIA_TYPE', 'inspect.media-type', 'charset is not UTF-8')
  const bytes = await decoded(admitted, plan)
  if (isDenied(bytes)) return bytes
  const opened = plan.open === undefined ? bytes : plan.open(admitted, media, bytes, plan.depth)
  return isDenied(opened) ? opened : parsed(media, mediaType, opened, plan)
}

/** Bodies that are passed on unread, capped in size only; their coding goes with them. */
function streamed(admitted: Admitted, mediaType: MediaType, plan: InspectPlan): ReadBody | Denial {
  const declared = admitted.body.declared
  if (declared !== undefined && declared > plan.maxStreamBytes)
    return deny('INSPECT_BODY_TOO_LARGE', 'inspect.size', 'Content-Length above the limit')
  const input = {
    value: undefined,
    body: admitted.body.stream(plan.maxStreamBytes),
    mediaType: mediaType.text,
  }
  return { input, errors: fine }
}

/** The whole body with its content coding undone. */
async function decoded(admitted: Admitted, plan: InspectPlan): Promise<Uint8Array | Denial> {
  const coding = admitted.fields.get('content-encoding')?.toLowerCase()
  if (coding !== undefined && coding !== 'identity' && !isKnownCoding(coding))
    return deny('INSPECT_CONTENT_CODING', 'inspect.coding', 'unknown or stacked content coding')
  const declared = admitted.body.declared
  if (declared !== undefined && declared > plan.maxBytes)
    return deny('INSPECT_BODY_TOO_LARGE', 'inspect.size', 'Content-Length above the limit')
  const bytes = await admitted.body.read(plan.maxBytes)
  if (isDenied(bytes) || coding === undefined || coding === 'identity') return bytes
  const plain = await decodeContent(coding, bytes, plan.maxBytes)
  if (plain === 'too large')
    return deny('INSPECT_BODY_TOO_LARGE', 'inspect.size', 'inflates beyond the limit')
  if (plain === 'broken')
    return deny('INSPECT_CONTENT_CODING', 'inspect.coding', 'content coding does not decode')
  return plain
}

function parsed(
  media: MediaContract,
  mediaType: MediaType,
  body: Uint8Array,
  plan: InspectPlan,
): ReadBody | Denial | Promise<ReadBody | Denial> {
  switch (media.kind) {
    case 'json': {
      const json = parseJson(body, jsonLimitsOf(plan, media))
      if (typeof json === 'string') return deny('INSPECT_JSON', 'inspect.json', json)
      if (plan.graphql !== undefined)
        return readGraphql({ media, mediaType, body, plan, value: json.value, exact: exactValue(json) })
      const input = { value: exactValue(json), body, mediaType: mediaType.text }
      return {
        input,
        errors: media.validate(json.value),
        scanned: { value: json.value, media, bytes: body.length },
      }
    }
    case 'form': {
      const pairs = isUtf8(body)
        ? parseForm(Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1'))
        : undefined
      if (pairs === undefined)
        return deny('INSPECT_SCHEMA', 'inspect.form', 'form does not decode', {
          errors: [{ pointer: '/body', code: 'malformed' }],
        })
      const { value, errors } = media.readForm(pairs)
      return {
        input: { value, body, mediaType: mediaType.text },
        errors,
        scanned: { value, media, bytes: body.length },
      }
    }
    case 'text': {
      if (!isUtf8(body))
        return deny('INSPECT_SCHEMA', 'inspect.text', 'text is not UTF-8', {
          errors: [{ pointer: '/body', code: 'encoding' }],
        })
      const value = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body)
      if (plan.graphql !== undefined && mediaType.essence === 'application/graphql')
        return readGraphql({ media, mediaType, body, plan, value, exact: value })
      return {
        input: { value, body, mediaType: mediaType.text },
        errors: media.validate(value),
        scanned: { value, media, bytes: body.length },
      }
    }
    case 'multipart':
      return readMultipart(media, mediaType, body, plan.sizes?.parts)
    case 'xml':
      return readXml(media, mediaType, body)
    case 'binary':
      throw new Error('binary bodies are streamed')
    default:
      return unreachable(media.kind)
  }
}

/** Fields by the schema like those of a form; a file is a text of its bytes there, and is not scanned for attacks. */
function readMultipart(
  media: MediaContract,
  mediaType: MediaType,
  body: Uint8Array,
  maxParts: number | undefined,
): ReadBody | Denial {
  const parts = parseMultipart(body, mediaType.boundary, maxParts)
  const broken = parts?.some((part) => part.file === undefined && !isUtf8(part.data))
  if (parts === undefined || broken === true)
    return deny('INSPECT_SCHEMA', 'inspect.multipart', 'multipart body does not parse', {
      errors: [{ pointer: '/body', code: 'malformed' }],
    })
  const textOf = (data: Uint8Array, coding: 'utf8' | 'latin1'): string =>
    Buffer.from(data.buffer, data.byteOffset, data.length).toString(coding)
  const { value, errors } = media.readForm(
    parts.map(({ name, file, data }) => ({
      name,
      value: textOf(data, file === undefined ? 'utf8' : 'latin1'),
    })),
  )
  const texts = parts.flatMap(({ name, file, data }) => [name, file ?? textOf(data, 'utf8')])
  return {
    input: { value, body, mediaType: mediaType.text },
    errors,
    scanned: { value: texts, media, bytes: body.length, loose: true },
  }
}

/** XML that declares nothing. Nothing judges it by a schema, so one that has a schema is not forwarded. */
function readXml(media: MediaContract, mediaType: MediaType, body: Uint8Array): ReadBody | Denial {
  if (media.hasSchema)
    return deny('INSPECT_MEDIA_TYPE', 'inspect.media-type', 'xml bodies with a schema are not supported yet')
  const malformed = { errors: [{ pointer: '/body', code: 'malformed' }] }
  if (!isUtf8(body)) return deny('INSPECT_SCHEMA', 'inspect.xml', 'XML is not UTF-8', malformed)
  const texts = parseXmlTexts(new TextDecoder('utf-8', { ignoreBOM: true }).decode(body))
  if (texts === 'doctype') return deny('INSPECT_INJECTION', 'inspect.xml', 'a document type declaration')
  if (texts === 'malformed') return deny('INSPECT_SCHEMA', 'inspect.xml', 'XML is not well-formed', malformed)
  return {
    input: { value: undefined, body, mediaType: mediaType.text },
    errors: fine,
    scanned: { value: texts, media, bytes: body.length, loose: true },
  }
}
