import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/**
 * The length-delimited fields of one protobuf message by number, in order; fields of other kinds are skipped. Throws what
 * the reader throws where the bytes are no message.
 */
export class ProtoMessage {
  readonly #fields = new Map<number, Uint8Array[]>()

  constructor(bytes: Uint8Array) {
    const reader = new BinaryReader(bytes)
    while (reader.pos < reader.len) {
      const [number, wire] = reader.tag()
      if (wire !== WireType.LengthDelimited) {
        reader.skip(wire, number)
        continue
      }
      const value = reader.bytes()
      const known = this.#fields.get(number)
      if (known === undefined) this.#fields.set(number, [value])
      else known.push(value)
    }
  }

  /** All values of a repeated field. */
  all(number: number): readonly Uint8Array[] {
    return this.#fields.get(number) ?? none
  }

  /**
   * The value of a field that is there once. Decoders differ in what they make of a second one (the last, or both merged),
   * so there is none.
   */
  one(number: number): Uint8Array | undefined {
    const values = this.#fields.get(number)
    if (values !== undefined && values.length > 1) throw new RangeError(`field ${number} is there twice`)
    return values?.[0]
  }

  message(number: number): ProtoMessage | undefined {
    const bytes = this.one(number)
    return bytes === undefined ? undefined : new ProtoMessage(bytes)
  }

  /** As Latin-1, one character a byte, as `node:http` hands over what was on the wire; empty where absent. */
  text(number: number): string {
    return latin1(this.one(number))
  }
}

export function latin1(bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.length === 0) return ''
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

const none: readonly Uint8Array[] = []
