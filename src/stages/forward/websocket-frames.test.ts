import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FrameCheck, type FrameLimits } from './websocket-frames.ts'

/** A frame; `length` states another length than the payload has. */
function frame(
  opcode: number,
  payload: Buffer,
  how: { final?: boolean; masked?: boolean; wide?: boolean } = {},
): Buffer {
  const { final = true, masked = true, wide = false } = how
  const head: number[] = [(final ? 128 : 0) | opcode]
  const mark = masked ? 128 : 0
  if (payload.length > 65_535 || wide) {
    const size = Buffer.alloc(8)
    size.writeBigUInt64BE(BigInt(payload.length))
    head.push(mark | 127, ...size)
  } else if (payload.length > 125) head.push(mark | 126, payload.length >> 8, payload.length & 255)
  else head.push(mark | payload.length)
  return Buffer.concat([Buffer.from(head), masked ? Buffer.of(1, 2, 3, 4) : Buffer.alloc(0), payload])
}

function check(bytes: Buffer, limits: FrameLimits = {}, masked = true): number | undefined {
  return new FrameCheck(masked, limits).read(bytes)
}

const hello = Buffer.from('hello')

describe('P10: WebSocket frames', () => {
  it('passes whole messages, fragments with pings between, and close', () => {
    const ping = frame(9, hello)
    const stream = Buffer.concat([
      frame(1, hello),
      frame(2, Buffer.alloc(300)),
      frame(2, Buffer.alloc(70_000)),
      frame(1, hello, { final: false }),
      ping,
      frame(0, hello, { final: false }),
      frame(0, Buffer.alloc(0)),
      frame(8, Buffer.of(3, 232)),
    ])
    assert.equal(check(stream), undefined)
  })

  const refused: readonly [string, number, Buffer, FrameLimits?][] = [
    ['an unmasked frame', 1002, frame(1, hello, { masked: false })],
    ['a reserved bit', 1002, frame(0x41, hello)],
    ['an unknown opcode', 1002, frame(3, hello)],
    ['an unknown control opcode', 1002, frame(11, hello)],
    ['a fragmented control frame', 1002, frame(9, hello, { final: false })],
    ['a long control frame', 1002, frame(9, Buffer.alloc(126))],
    ['a continuation of nothing', 1002, frame(0, hello)],
    ['a message inside another', 1002, Buffer.concat([frame(1, hello, { final: false }), frame(1, hello)])],
    ['a length in more octets than it needs', 1002, frame(1, hello, { wide: true })],
    ['a 64-bit length with the top bit', 1002, Buffer.of(0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0)],
    ['a 63-bit length', 1009, Buffer.of(0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255)],
    ['an oversize frame', 1009, frame(2, Buffer.alloc(101)), { maxFrame: 100 }],
    [
      'an oversize message',
      1009,
      Buffer.concat([frame(2, Buffer.alloc(60), { final: false }), frame(0, Buffer.alloc(60))]),
      { maxMessage: 100 },
    ],
    [
      'a flood of empty fragments',
      1009,
      Buffer.concat([
        frame(2, hello, { final: false }),
        ...Array.from({ length: 1100 }, () => frame(0, Buffer.alloc(0), { final: false })),
      ]),
    ],
  ]
  for (const [what, code, bytes, limits] of refused)
    it(`refuses ${what} with ${code}`, () => assert.equal(check(bytes, limits), code))

  it('wants a server’s frames unmasked', () => {
    assert.equal(check(frame(1, hello, { masked: false }), {}, false), undefined)
    assert.equal(check(frame(1, hello), {}, false), 1002)
  })

  it('comes to the same result octet by octet, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, masked) => {
        const atOnce = new FrameCheck(masked).read(bytes)
        const single = new FrameCheck(masked)
        let code: number | undefined
        for (const octet of bytes) code ??= single.read(Uint8Array.of(octet))
        assert.equal(code, atOnce)
      }),
      { numRuns: 2000 },
    )
  })
})
