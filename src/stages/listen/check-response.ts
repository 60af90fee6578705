import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { Reply } from '../../kernel/facts.ts'

/** `OVERWRITE_IF_EXISTS_OR_ADD` of `HeaderValueOption.HeaderAppendAction`. */
const overwrite = 2
/** `PERMISSION_DENIED` of `google.rpc.Code`. */
const permissionDenied = 7
const identity = 'sallyport-identity'

/**
 * Writes an `envoy.service.auth.v3.CheckResponse`. Allowed (200): the upstream gets identity and request id in place of
 * what the caller wrote, and no other field of ours that the caller wrote; the caller gets the limit fields. Refused:
 * the caller gets the reply as it is.
 *
 * @param asked field lines of the call, flat
 */
export function writeCheckResponse(reply: Reply, asked: readonly string[]): Uint8Array {
  const writer = new BinaryWriter()
  if (reply.status === 200) writeOk(writer, reply, asked)
  else writeDenied(writer, reply)
  return writer.finish()
}

function writeOk(writer: BinaryWriter, { fields }: Reply, asked: readonly string[]): void {
  delimited(writer, 1).join()
  const ok = delimited(writer, 3)
  const told = new Set<string>()
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    const value = fields[i + 1] as string
    const lower = name.toLowerCase()
    const upstream = lower === identity || lower === 'x-request-id'
    // A field that is empty may be dropped on the way, and the caller's own would stay.
    if (upstream && value !== '') {
      told.add(lower)
      writeField(ok, 2, name, value, false)
    }
    if (lower !== identity) writeField(ok, 6, name, value, false)
  }
  const foreign = new Set([identity])
  for (let i = 0; i < asked.length; i += 2) {
    const lower = asked[i]?.toLowerCase() ?? ''
    if (lower.startsWith('sallyport-')) foreign.add(lower)
  }
  for (const name of foreign) if (!told.has(name)) ok.tag(5, WireType.LengthDelimited).string(name)
  ok.join()
}

function writeDenied(writer: BinaryWriter, { status, fields, body }: Reply): void {
  delimited(writer, 1).tag(1, WireType.Varint).int32(permissionDenied).join()
  const denied = delimited(writer, 2)
  delimited(denied, 1).tag(1, WireType.Varint).int32(status).join()
  const seen = new Set<string>()
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    const lower = name.toLowerCase()
    writeField(denied, 2, name, fields[i + 1] as string, seen.has(lower))
    seen.add(lower)
  }
  if (body instanceof Uint8Array && body.length > 0) denied.tag(3, WireType.LengthDelimited).bytes(body)
  denied.join()
}

/**
 * `HeaderValueOption`. Versions of Envoy differ in what they do where neither is said, and older ones know `append` alone:
 * so both are said.
 */
function writeField(
  writer: BinaryWriter,
  number: number,
  name: string,
  value: string,
  append: boolean,
): void {
  const option = delimited(writer, number)
  delimited(option, 1)
    .tag(1, WireType.LengthDelimited)
    .string(name)
    .tag(2, WireType.LengthDelimited)
    .string(value)
    .join()
  const flag = delimited(option, 2)
  if (append) flag.tag(1, WireType.Varint).bool(true)
  flag.join()
  if (!append) option.tag(3, WireType.Varint).int32(overwrite)
  option.join()
}

/** Begins an embedded message; `join` ends it. */
function delimited(writer: BinaryWriter, number: number): BinaryWriter {
  return writer.tag(number, WireType.LengthDelimited).fork()
}
