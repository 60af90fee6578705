import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Fault } from '../../kernel/fault.ts'
import type { ReplyHead } from './reply-head.ts'
import { ReplyReader } from './reply-reader.ts'

interface Seen {
  readonly status: number | undefined
  readonly fields: readonly string[]
  readonly body: string
  readonly whole: boolean
  readonly rest: string
  readonly fault: string | undefined
}

/** Reads `parts` one after the other from one buffer that is written over, as a socket does. */
function read(parts: readonly Buffer[], bodiless = false, ends = true): Seen {
  const reader = new ReplyReader()
  let head: ReplyHead | undefined
  let body = ''
  let whole = false
  let rest = ''
  let fault: string | undefined
  reader.begin(
    {
      head: (found) => {
        head = found
      },
      data: (bytes, start, end) => {
        body += bytes.toString('latin1', start, end)
      },
      complete: () => {
        whole = true
      },
    },
    bodiless,
    false,
  )
  const shared = Buffer.alloc(Math.max(1, ...parts.map((part) => part.length)))
  try {
    for (const part of parts) {
      part.copy(shared)
      const stop = whole ? 0 : reader.read(shared, 0, part.length)
      rest += shared.toString('latin1', stop, part.length)
      shared.fill(0x58)
    }
    if (ends) reader.finish()
  } catch (error) {
    assert.ok(error instanceof Fault, `only faults escape, not ${String(error)}`)
    assert.equal(error.code, 'FORWARD_MALFORMED')
    fault = error.message
  }
  return { status: head?.status, fields: head?.fields ?? [], body, whole, rest, fault }
}

function readText(text: string, bodiless = false): Seen {
  return read([Buffer.from(text, 'latin1')], bodiless)
}

const good: readonly [string, string, string][] = [
  ['a stated length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'hello'],
  ['length 0', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', ''],
  ['leading zeros', 'HTTP/1.1 200 OK\r\nContent-Length: 005\r\n\r\nhello', 'hello'],
  ['an empty reason', 'HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx', 'x'],
  ['no space behind the code', 'HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx', 'x'],
  ['the end of the connection', 'HTTP/1.1 200 OK\r\n\r\nhello', 'hello'],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nServer: x\r\n\r\nhello', 'hello'],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n00A\r\n0123456789\r\n0\r\n\r\n',
    'hello0123456789',
  ],
  [
    'extensions and trailers',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n3;a;b="\\"c" ; d=e\r\nabc\r\n0;x\r\nX-T: 1\r\nCookie: y\r\n\r\n',
    'abc',
  ],
  [
    'interim replies',
    'HTTP/1.1 103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
    'x',
  ],
  ['204 that states a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', ''],
  ['304 that states chunks', 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n', ''],
  ['space around a value', 'HTTP/1.1 200 OK\r\nContent-Length: \t 2 \t\r\n\r\nok', 'ok'],
]

const bad: readonly [string, string][] = [
  ['HTTP/2.0 in text', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['HTTP/1.2', 'HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['lower-case http', 'http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['HTTP/0.9', '<html>hello</html>'],
  ['status 099', 'HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n'],
  ['status 600', 'HTTP/1.1 600 High\r\nContent-Length: 0\r\n\r\n'],
  ['status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n'],
  ['status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n'],
  ['two spaces', 'HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['an empty line before the status line', '\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  [
    'length and chunks',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  [
    'chunks and length',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n',
  ],
  ['two lengths that differ', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
  ['two lengths that agree', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc'],
  ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc'],
  ['a signed length', 'HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc'],
  ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
  ['a hexadecimal length', 'HTTP/1.1 200 OK\r\nContent-Length: 0x3\r\n\r\nabc'],
  ['an empty length', 'HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n'],
  ['a length beyond 2^53', 'HTTP/1.1 200 OK\r\nContent-Length: 9007199254740993\r\n\r\n'],
  ['a length of twenty digits', 'HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551617\r\n\r\n'],
  ['",chunked"', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n'],
  ['"gzip, chunked"', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
  ['"identity"', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nabc'],
  [
    'two codings',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['obs-fold', 'HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n'],
  ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n'],
  ['a field without colon', 'HTTP/1.1 200 OK\r\nContent-Length\r\n\r\n'],
  ['an empty name', 'HTTP/1.1 200 OK\r\n: 1\r\n\r\n'],
  ['a name that is no token', 'HTTP/1.1 200 OK\r\nX(A): 1\r\n\r\n'],
  ['NUL in a value', 'HTTP/1.1 200 OK\r\nX-A: a\0b\r\n\r\n'],
  ['bare CR in a value', 'HTTP/1.1 200 OK\r\nX-A: a\rb\r\n\r\n'],
  ['bare LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
  ['bare LF behind a field', 'HTTP/1.1 200 OK\r\nX-A: 1\nContent-Length: 0\r\n\r\n'],
  ['ESC in the reason', 'HTTP/1.1 200 \x1b[31m\r\nContent-Length: 0\r\n\r\n'],
  ['DEL in a value', 'HTTP/1.1 200 OK\r\nX-A: \x7f\r\n\r\n'],
  ['a chunk size of 0x3', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n'],
  ['a signed chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n'],
  [
    'a space before the chunk size',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n 3\r\nabc\r\n0\r\n\r\n',
  ],
  [
    'a space behind the chunk size',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n',
  ],
  ['an empty chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n'],
  [
    'a chunk size of 17 digits',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'0'.repeat(16)}3\r\nabc\r\n0\r\n\r\n`,
  ],
  ['a chunk that is too long', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n'],
  [
    'a chunk line that ends in LF',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n',
  ],
  [
    'CR in a quoted extension',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a="\r\n"\r\nabc\r\n0\r\n\r\n',
  ],
  [
    'extensions without end',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;${'a'.repeat(2000)}\r\nabc\r\n0\r\n\r\n`,
  ],
  ['a folded trailer', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n X: 1\r\n\r\n'],
  ['an unfinished head', 'HTTP/1.1 200 OK\r\nContent-Le'],
  ['a body cut short', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel'],
  ['chunks cut short', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
  ['101 that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'],
  [
    'eleven interim replies',
    `${'HTTP/1.1 103 Hints\r\n\r\n'.repeat(11)}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`,
  ],
  ['101 fields', `HTTP/1.1 200 OK\r\n${'X: 1\r\n'.repeat(101)}\r\n`],
  ['a head over 64 KiB', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(65_536)}\r\n\r\n`],
]

describe('reply reader', () => {
  for (const [what, text, body] of good)
    it(`reads ${what}`, () => {
      const seen = readText(text)
      assert.equal(seen.fault, undefined)
      assert.equal(seen.body, body)
      assert.ok(seen.whole)
      assert.equal(seen.rest, '')
    })

  for (const [what, text] of bad)
    it(`refuses ${what}`, () => {
      const seen = readText(text)
      assert.notEqual(seen.fault, undefined)
      assert.ok(!seen.whole)
    })

  it('gives HEAD no body', () => {
    const seen = readText('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', true)
    assert.ok(seen.whole)
    assert.equal(seen.body, '')
  })

  it('leaves what comes behind a reply', () => {
    const seen = readText('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\n')
    assert.ok(seen.whole)
    assert.equal(seen.rest, 'HTTP/1.1 200 OK\r\n\r\n')
  })

  it('drops hop-by-hop fields and those that Connection names, keeps repeated ones apart', () => {
    const seen = readText(
      'HTTP/1.1 200 OK\r\nConnection: X-Inner, keep-alive\r\nKeep-Alive: timeout=5\r\nX-Inner: 1\r\nProxy-Authenticate: Basic\r\n' +
        'TE: x\r\nTrailer: X\r\nUpgrade: h2c\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nETag: "\xe9"\r\nContent-Length: 0\r\n\r\n',
    )
    assert.deepEqual(seen.fields, ['set-cookie', 'a=1', 'set-cookie', 'b=2', 'etag', '"\xe9"'])
  })

  it('reads a head of 64 KiB that comes octet by octet in reasonable time', () => {
    const text = `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(65_000)}\r\nContent-Length: 0\r\n\r\n`
    const started = performance.now()
    const seen = read([...Buffer.from(text)].map((octet) => Buffer.of(octet)))
    assert.ok(seen.whole)
    assert.ok(performance.now() - started < 2000)
  })
})

const split = fc.tuple(
  fc.constantFrom(...good.map(([, text]) => text), ...bad.map(([, text]) => text)),
  fc.array(fc.nat(2_000), { maxLength: 12 }),
)

/** Cuts `bytes` at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  let from = 0
  return ends.map((end) => {
    const part = bytes.subarray(from, end)
    from = end
    return part
  })
}

/** Damage: octets replaced at places. */
const damage = fc.array(fc.tuple(fc.nat(400), fc.constantFrom(0, 9, 10, 13, 32, 44, 48, 58, 59, 120, 255)), {
  maxLength: 4,
})

describe('reply reader, for all inputs', () => {
  it('comes to the same result however the octets are split', () => {
    fc.assert(
      fc.property(split, damage, fc.boolean(), ([text, places], hits, bodiless) => {
        const bytes = Buffer.from(text, 'latin1')
        for (const [at, octet] of hits) bytes[at % bytes.length] = octet
        const atOnce = read([bytes], bodiless)
        assert.deepEqual(read(cut(bytes, places), bodiless), atOnce)
        if (bytes.length < 4000)
          assert.deepEqual(
            read(
              [...bytes].map((octet) => Buffer.of(octet)),
              bodiless,
            ),
            atOnce,
          )
      }),
      { numRuns: 1500 },
    )
  })

  it('lets only its own fault escape, whatever it reads', () => {
    const soup = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .array(
          fc.constantFrom(
            'HTTP/1.1 200 OK',
            '\r\n',
            '\r',
            '\n',
            'Content-Length',
            ':',
            ' ',
            '5',
            'Transfer-Encoding: chunked',
            '0',
            'a',
            ';',
            '"',
          ),
          { maxLength: 40 },
        )
        .map((words) => Buffer.from(words.join(''), 'latin1')),
    )
    fc.assert(
      fc.property(soup, fc.array(fc.nat(300), { maxLength: 5 }), (bytes, places) => {
        read(cut(Buffer.from(bytes), places))
      }),
      { numRuns: 3000 },
    )
  })

  it('gives a chunked body back as it was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 })),
        fc.array(fc.nat(999)),
        (chunks, places) => {
          const coded = chunks.map(
            (chunk) => `${chunk.length.toString(16)}\r\n${Buffer.from(chunk).toString('latin1')}\r\n`,
          )
          const text = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${coded.join('')}0\r\n\r\n`
          const seen = read(cut(Buffer.from(text, 'latin1'), places))
          assert.equal(seen.fault, undefined)
          assert.equal(seen.body, Buffer.concat(chunks).toString('latin1'))
        },
      ),
    )
  })
})
