import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import type { Reply } from '../../../kernel/facts.ts'
import { isJsonType, parseMediaType } from '../../../media/media-type.ts'
import { contextKey } from '../context-meta.ts'
import { isRecord } from '../json-rpc.ts'
import { valueOfField } from '../reply-field.ts'

/** What an agent is told of a call: `CallToolResult`. */
export interface ToolResult {
  readonly content: readonly { readonly type: 'text'; readonly text: string }[]
  readonly structuredContent?: Readonly<Record<string, unknown>>
  readonly isError: boolean
  readonly _meta: Readonly<Record<string, unknown>>
}

/** Where the status stands, and the id under which the call is on record. */
export const callKey = 'dev.sallyport/call'

const envelopeType = 'application/vnd.sallyport.context+json'
/** Octets of a reply that is still a stream when it comes here. */
const mostBytes = 1024 ** 2
/** Milliseconds for one. */
const longest = 30_000

/**
 * A reply that may leave, as the result of a tool. `content[0].text` are the very octets that were screened (and that the
 * signature under `_meta` is about); `structuredContent` is the same value, where it is an object.
 */
export async function toolResult(reply: Reply, id: string): Promise<ToolResult> {
  const { status, body } = reply
  const isError = status >= 400
  const meta = { [callKey]: { status, id } }
  const said = (text: string, error = isError): ToolResult => ({
    content: [{ type: 'text', text }],
    isError: error,
    _meta: meta,
  })
  const type = valueOfField(reply, 'content-type')
  const essence = type === undefined ? undefined : parseMediaType(type)?.essence
  if (body === undefined) return said(isError ? `refused (${status})` : `done (${status})`)
  const json = essence !== undefined && isJsonType(essence)
  if (!json && (essence?.startsWith('text/') !== true || essence === 'text/event-stream')) {
    if (!(body instanceof Uint8Array)) body.destroy()
    return said(`the answer (${status}) is of a kind that cannot be shown`, true)
  }
  const bytes = body instanceof Uint8Array ? body : await collect(body)
  if (bytes === undefined) return said('the answer is too long, or did not end', true)
  if (!isUtf8(bytes)) return said('the answer is no text', true)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  if (!json) return said(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return said('the answer is not the JSON it says it is', true)
  }
  if (essence !== envelopeType || !isRecord(value)) return shown(text, value, isError, meta)
  // `data` is the last member, and nothing before it has that name.
  const data = text.slice(text.indexOf(dataMark) + dataMark.length, -1)
  return shown(data, value['data'], isError, { ...meta, [contextKey]: value['$context'] })
}

const dataMark = ',"data":'

function shown(
  text: string,
  value: unknown,
  isError: boolean,
  _meta: Readonly<Record<string, unknown>>,
): ToolResult {
  return {
    content: [{ type: 'text', text }],
    ...(isRecord(value) && !isError && { structuredContent: value }),
    isError,
    _meta,
  }
}

/** The whole of a stream; undefined where it is too long, too slow, or breaks off. */
async function collect(stream: Readable): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  const timer = setTimeout(() => stream.destroy(new Error('too slow')), longest)
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      length += chunk.length
      if (length > mostBytes) return undefined
      chunks.push(chunk)
    }
    return Buffer.concat(chunks, length)
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
    stream.destroy()
  }
}
