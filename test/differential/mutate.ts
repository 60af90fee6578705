/** Numbers that are the same in every run (Mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const smuggled = 'GET /t/smuggled HTTP/1.1\r\nHost: gate.example.test\r\n\r\n'

/** Well-formed requests that mutations begin with. */
const seeds: readonly ((id: string) => string)[] = [
  (id) =>
    `GET /t/${id}?q=1 HTTP/1.1\r\nHost: gate.example.test\r\nX-Request-Id: ${id}\r\nAccept: */*\r\n\r\n`,
  (id) =>
    `POST /t/${id} HTTP/1.1\r\nHost: gate.example.test\r\nX-Request-Id: ${id}\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nhello there`,
  (id) =>
    `POST /t/${id} HTTP/1.1\r\nHost: gate.example.test\r\nX-Request-Id: ${id}\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n there\r\n0\r\n\r\n`,
  (id) =>
    `PUT /t/${id} HTTP/1.1\r\nHost: gate.example.test\r\nX-Request-Id: ${id}\r\nContent-Type: application/json\r\nContent-Length: 13\r\nConnection: keep-alive\r\n\r\n{"a":"b c d"}`,
  (id) => `HEAD /t/${id} HTTP/1.1\r\nHost: gate.example.test\r\nX-Request-Id: ${id}\r\nCookie: a=b\r\n\r\n`,
  (id) =>
    `POST /t/${id} HTTP/1.1\r\nHost: gate.example.test\r\nX-Request-Id: ${id}\r\nContent-Type: text/plain\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
  (id) =>
    `DELETE /t/${id}?a=1&a=2 HTTP/1.1\r\nHost: gate.example.test\r\nX-Request-Id: ${id}\r\nX-Forwarded-For: 203.0.113.1\r\n\r\n`,
]

const bytes = ['\r', '\n', '\r\n', '\0', ' ', '\t', '\v', '\f', '\x7f', '\x80', '\xa0', '\xff', '\x1b']
const marks = [
  ':',
  ';',
  ',',
  '=',
  '"',
  '%00',
  '%2f',
  '%2e%2e',
  '%0d%0a',
  '//',
  '/../',
  '/./',
  '\\',
  '#',
  '?',
  '*',
  '@',
  '%',
]
const fields = [
  'Transfer-Encoding: chunked',
  ' Transfer-Encoding: chunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding: \x0bchunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding:\r\n chunked',
  'Transfer-encoding: CHUNKED',
  'Transfer_Encoding: chunked',
  'X: y\rTransfer-Encoding: chunked',
  'X: y\nTransfer-Encoding: chunked',
  'Content-Length: 0',
  'Content-Length: 5',
  'Content-Length: +11',
  'Content-Length: -1',
  'Content-Length: 011',
  'Content-Length: 0xb',
  'Content-Length: 11, 11',
  'Content-Length: 11 ',
  'Content-Length: 1e1',
  'Content-Length: 99999999999999999999',
  'Content_Length: 3',
  'Content-Length\0: 3',
  'Content-Length : 3',
  'Connection: X-Request-Id',
  'Connection: close, Transfer-Encoding',
  'Connection: Content-Length',
  'Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__',
  'Connection: upgrade\r\nUpgrade: websocket',
  'Expect: 100-continue',
  'Expect: 100-continue, x',
  'Trailer: Content-Length',
  'TE: trailers, chunked',
  'Host: other.example.test',
  'Host : gate.example.test',
  'X-HTTP-Method-Override: DELETE',
  'X-Original-URL: /t/other',
  'X-Forwarded-Host: other.example.test',
  'Forwarded: for=203.0.113.1;host=other.example.test',
  'Keep-Alive: timeout=1, max=1',
  'Proxy-Connection: close',
  'Range: bytes=0-0,0-0',
  'Content-Encoding: gzip',
  'Upgrade: TLS/1.0',
  ': empty',
  'no colon',
  'Sallyport-Identity: forged',
]
const versions = [
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/0.9',
  'http/1.1',
  'HTTP/2.0',
  'HTTP/1.1 ',
  'HTTP/11',
  'HTTP/1.01',
  '',
]
const targets = [
  'http://gate.example.test/t/absolute',
  'https://gate.example.test/t/absolute',
  'http://other.example.test/t/absolute',
  'gate.example.test:80',
  '*',
  '/t/a%2fb',
  '/t/..',
  '/t/%2e%2e/t/x',
  '//t/x',
  '/t/x;a=b',
  '/t/x?a=b#c',
  '/t/x y',
  '/T/x',
  '/t/%41',
  '/t/%zz',
  '/t/ü',
  't/x',
  '',
]
const sizes = [
  '0x5',
  '5 ',
  ' 5',
  '+5',
  '-5',
  '00000000000000005',
  '5;a=b',
  '5;a="\r\n"',
  '5\t',
  'ffffffffffffffff',
  '5,5',
  '5\0',
  'g',
  '',
]

/** One request, changed in one to three places. `more`: further field lines that are put in. */
export function mutated(id: string, random: () => number, more: readonly string[] = []): Buffer {
  const lines = more.length === 0 || random() < 0.5 ? fields : more
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  let text = pick(seeds)(id)
  const at = (): number => Math.floor(random() * (text.length + 1))
  const insert = (where: number, what: string): string => text.slice(0, where) + what + text.slice(where)
  const headEnd = (): number => Math.max(0, text.indexOf('\r\n\r\n'))
  const lineStarts = (): number[] =>
    [...text.slice(0, headEnd() + 2).matchAll(/\r\n/g)].map((m) => (m.index ?? 0) + 2)
  const operations: readonly (() => string)[] = [
    () => insert(at(), pick(bytes)),
    () => insert(at(), pick(marks)),
    () => {
      const where = at()
      return text.slice(0, where) + String.fromCharCode(Math.floor(random() * 256)) + text.slice(where + 1)
    },
    () => {
      const where = at()
      return text.slice(0, where) + text.slice(where + 1 + Math.floor(random() * 6))
    },
    () => insert(pick([...lineStarts(), headEnd()]), `${pick(lines)}\r\n`),
    () => insert(pick([...lineStarts(), headEnd()]), `${pick(lines)}\r\n`),
    () => {
      const own = text.slice(0, headEnd()).split('\r\n')
      const line = pick(own.slice(1))
      return line === undefined ? text : insert(own[0] === undefined ? 0 : own[0].length + 2, `${line}\r\n`)
    },
    () => {
      const where = pick([...lineStarts(), headEnd() + 2]) - 2
      return where < 0
        ? text
        : text.slice(0, where) + pick(['\n', '\r', '\r\r\n', '\n\r', '\r\n ']) + text.slice(where + 2)
    },
    () => text.replace('HTTP/1.1', pick(versions)),
    () => text.replace(/ [^ ]* HTTP/, ` ${pick(targets)} HTTP`),
    () => text.replace(/\r\n[0-9a-f]\r\n/, `\r\n${pick(sizes)}\r\n`),
    () => text + smuggled,
    () => text + pick(seeds)(`${id}-next`),
    () => text.slice(0, at()),
    () => text.replace(/\r\n([\w-]+):/, (line) => line.toUpperCase()),
    () =>
      text.replace(
        /^\w+/,
        pick(['GET', 'get', 'TRACE', 'CONNECT', 'OPTIONS', 'PATCH', 'G ET', 'GE\0T', 'POST', 'PRI']),
      ),
    () => text.replace(/: /, pick([':', ':\t', ':  ', ' : ', ':\r\n '])),
  ]
  for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) text = pick(operations)()
  return Buffer.from(text, 'latin1')
}

/** A good request whose reply must be its own. */
export function canary(id: string): Buffer {
  return Buffer.from(
    `GET /t/${id} HTTP/1.1\r\nHost: gate.example.test\r\nX-Request-Id: ${id}\r\nConnection: close\r\n\r\n`,
  )
}
