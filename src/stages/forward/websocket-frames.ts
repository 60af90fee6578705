/** Limits of what passes a WebSocket. */
export interface FrameLimits {
  /** Payload octets of one frame. Default 1 MiB. */
  readonly maxFrame?: number
  /** Payload octets of one message, over all its frames. Default 4 MiB. */
  readonly maxMessage?: number
  /** Frames of one message. Default 1,024. */
  readonly maxFragments?: number
}

/** Close codes (RFC 6455 section 7.4.1): protocol error, policy violation, message too big. */
export type CloseCode = 1002 | 1008 | 1009

const FIRST = 0
const SECOND = 1
const LENGTH = 2
const MASK = 3
const PAYLOAD = 4

const CONTINUATION = 0
const CLOSE = 8
const PONG = 10

/**
 * Reads the frame headers of one direction (RFC 6455 section 5.2) as they pass, without touching payload. No
 * extension is ever agreed on, so reserved bits must be 0, and nothing is inflated.
 */
export class FrameCheck {
  readonly #masked: boolean
  readonly #maxFrame: number
  readonly #maxMessage: number
  readonly #maxFragments: number
  #state = FIRST
  #opcode = 0
  #final = true
  #left = 0
  #extended = 0
  #extendedLength = 0
  /** Inside a message of several frames. */
  #open = false
  #message = 0
  #fragments = 0

  /** `masked`: true for what a client sends, false for what a server sends. */
  constructor(masked: boolean, limits: FrameLimits = {}) {
    this.#masked = masked
    this.#maxFrame = limits.maxFrame ?? 1_048_576
    this.#maxMessage = limits.maxMessage ?? 4_194_304
    this.#maxFragments = limits.maxFragments ?? 1_024
  }

  /** True between two frames. */
  get between(): boolean {
    return this.#state === FIRST
  }

  /** Reads octets; the close code of the first violation, else undefined. */
  read(bytes: Uint8Array): CloseCode | undefined {
    let i = 0
    while (i < bytes.length) {
      if (this.#state === PAYLOAD) {
        const run = Math.min(this.#left, bytes.length - i)
        this.#left -= run
        i += run
        if (this.#left === 0) this.#frameDone()
        continue
      }
      const code = this.#step(bytes[i++] as number)
      if (code !== undefined) return code
    }
    return undefined
  }

  #step(octet: number): CloseCode | undefined {
    switch (this.#state) {
      case FIRST:
        return this.#first(octet)
      case SECOND: {
        if (octet >= 128 !== this.#masked) return 1002
        const length = octet & 127
        if (this.#opcode >= CLOSE && length > 125) return 1002
        this.#extended = length === 126 ? 2 : length === 127 ? 8 : 0
        this.#extendedLength = this.#extended
        this.#left = this.#extended === 0 ? length : 0
        if (this.#extended > 0) this.#state = LENGTH
        else return this.#lengthDone()
        return undefined
      }
      case LENGTH:
        if (this.#extendedLength === 8 && this.#extended === 8 && octet >= 128) return 1002
        // Beyond 2^48 a number could lose bits; every limit is far below.
        if (this.#left > 2 ** 40) return 1009
        this.#left = this.#left * 256 + octet
        return --this.#extended === 0 ? this.#lengthDone() : undefined
      default:
        if (--this.#extended === 0) this.#startPayload()
        return undefined
    }
  }

  #first(octet: number): CloseCode | undefined {
    const opcode = octet & 15
    this.#final = octet >= 128
    this.#opcode = opcode
    if ((octet & 0x70) !== 0) return 1002
    if (opcode >= CLOSE) {
      if (opcode > PONG || !this.#final) return 1002
    } else {
      if (opcode > 2 || (opcode === CONTINUATION) !== this.#open) return 1002
      if (!this.#open) {
        this.#message = 0
        this.#fragments = 0
      }
      if (++this.#fragments > this.#maxFragments) return 1009
      this.#open = !this.#final
    }
    this.#state = SECOND
    return undefined
  }

  #lengthDone(): CloseCode | undefined {
    // Section 5.2: the length is written in the fewest octets.
    if (this.#extendedLength === 2 && this.#left < 126) return 1002
    if (this.#extendedLength === 8 && this.#left < 65_536) return 1002
    if (this.#opcode < CLOSE) {
      this.#message += this.#left
      if (this.#left > this.#maxFrame || this.#message > this.#maxMessage) return 1009
    }
    if (this.#masked) {
      this.#state = MASK
      this.#extended = 4
    } else this.#startPayload()
    return undefined
  }

  #startPayload(): void {
    this.#state = PAYLOAD
    if (this.#left === 0) this.#frameDone()
  }

  #frameDone(): void {
    this.#state = FIRST
  }
}

/** A server's close frame without reason text. */
export function closeFrame(code: CloseCode): Buffer {
  return Buffer.of(0x88, 2, code >> 8, code & 255)
}
