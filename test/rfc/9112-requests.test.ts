import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createListeners, type Listeners } from '../../src/stages/listen/create-listeners.ts'
import { CountingDoor } from './counting-door.ts'
import { converse, sendRaw } from './raw-client.ts'

const door = new CountingDoor()
let listeners: Listeners
let port = 0

before(async () => {
  listeners = await createListeners(
    {
      listeners: [{ host: '127.0.0.1', port: 0 }],
      limits: { headTimeoutMs: 600, bodyBytesPerSecond: 1000, bodyGraceMs: 500 },
    },
    door,
  )
  port = listeners.addresses[0]?.port ?? 0
})
after(() => listeners.close(0))
beforeEach(() => door.clear())

/** The first status; nothing has entered the door, and the connection is closed. */
async function assertRefused(bytes: string, status: number, code: string): Promise<void> {
  door.clear()
  // What follows on the connection must not be read.
  const answer = await sendRaw(port, `${bytes}GET /second HTTP/1.1\r\nHost: a\r\n\r\n`)
  const label = JSON.stringify(bytes.slice(0, 200))
  assert.deepEqual(answer.statuses, [status], `${label}\n${answer.text}`)
  assert.ok(answer.closed, `still open after ${label}`)
  assert.equal(door.seen.length, 0, `entered: ${label}`)
  const refusal = door.rejected[0]?.denial ?? door.failed[0]
  assert.equal(refusal?.code, code, label)
}

async function assertEntered(bytes: string, count = 1): Promise<void> {
  door.clear()
  const answer = await sendRaw(port, bytes)
  assert.deepEqual(
    answer.statuses.filter((status) => status >= 200),
    Array(count).fill(200),
    `${bytes.slice(0, 200)}\n${answer.text}`,
  )
  assert.equal(door.seen.length, count)
}

const get = (more = '', target = '/a'): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
const post = (more: string, body = ''): string => `POST /a HTTP/1.1\r\nHost: a\r\n${more}\r\n${body}`
const chunked = (body: string): string => post('Transfer-Encoding: chunked\r\n', body)

describe('RFC 9112 over a raw socket', () => {
  test('W01 Content-Length with Transfer-Encoding', async () => {
    await assertRefused(
      post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
      400,
      'LISTEN_MALFORMED',
    )
    await assertRefused(
      post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'),
      400,
      'LISTEN_MALFORMED',
    )
  })

  test('W02 more than one Content-Length', async () => {
    for (const more of [
      'Content-Length: 5\r\nContent-Length: 6\r\n',
      'Content-Length: 5, 6\r\n',
      'Content-Length: 5\r\nContent-Length: 5\r\n',
    ])
      await assertRefused(post(more, 'hello'), 400, 'LISTEN_MALFORMED')
  })

  test('W03 Content-Length is decimal digits', async () => {
    for (const value of [
      '+5',
      '-1',
      '0x5',
      '5_0',
      '1Z',
      '',
      '1e1',
      '99999999999999999999',
      '9007199254740993',
    ])
      await assertRefused(post(`Content-Length: ${value}\r\n`, 'hello'), 400, 'LISTEN_MALFORMED')
    await assertEntered(post('Content-Length: 010\r\n', '0123456789'))
    assert.equal(door.seen[0]?.body.length, 10)
    assert.equal(door.seen[0]?.arrived.body.declared, 10)
  })

  test('W04 Transfer-Encoding other than exactly chunked', async () => {
    for (const value of [
      ',chunked',
      'identity, chunked',
      'gzip, chunked',
      'xchunked',
      'chunked, chunked',
      '\x0bchunked',
      'chunked\xff',
      'chunked;q=1',
      'identity',
    ])
      await assertRefused(post(`Transfer-Encoding: ${value}\r\n`, '0\r\n\r\n'), 400, 'LISTEN_MALFORMED')
    await assertRefused(
      post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
      400,
      'LISTEN_MALFORMED',
    )
    await assertEntered(post('Transfer-Encoding: Chunked\r\n', '2\r\nhi\r\n0\r\n\r\n'))
  })

  test('W05 Transfer-Encoding on HTTP/1.0', () =>
    assertRefused(
      'POST /a HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'LISTEN_MALFORMED',
    ))

  test('W06 bad chunk sizes and terminators fail the body that is being read', async () => {
    for (const body of [
      '0x2\r\nhi\r\n0\r\n\r\n',
      '+1\r\na\r\n0\r\n\r\n',
      '-0\r\n\r\n',
      ' 0\r\n\r\n',
      '0_2e\r\n',
      '\r\n\r\n',
      '1Z\r\na\r\n',
      `${'f'.repeat(17)}\r\n`,
      '2\nhi\r\n0\r\n\r\n',
      '2\r\nhi\n0\r\n\r\n',
      '2\r\nhiX\r\n0\r\n\r\n',
    ])
      await assertRefused(chunked(body), 400, 'LISTEN_MALFORMED')
    assert.equal(door.failed[0]?.code, 'LISTEN_MALFORMED')
  })

  test('W07 chunk extensions are dropped, and bounded at 1 KiB', async () => {
    await assertEntered(chunked('2;a=b;c="d"\r\nhi\r\n0\r\n\r\n'))
    assert.equal(door.seen[0]?.body.toString(), 'hi')
    await assertEntered(chunked(`2;a=${'x'.repeat(900)}\r\nhi\r\n0\r\n\r\n`))
    door.clear()
    const long = await sendRaw(port, chunked(`2;a=${'x'.repeat(1200)}\r\nhi\r\n0\r\n\r\n`))
    assert.deepEqual(long.statuses, [400])
    assert.equal(door.seen.length, 0)
    await assertRefused(chunked(`2;a=${'x'.repeat(20_000)}\r\nhi\r\n0\r\n\r\n`), 400, 'LISTEN_MALFORMED')
    await assertRefused(chunked('2;a="x\r\ny"\r\nhi\r\n0\r\n\r\n'), 400, 'LISTEN_MALFORMED')
    const many = Array.from({ length: 400 }, () => '1\r\nx\r\n').join('')
    await assertEntered(chunked(`${many}0\r\n\r\n`))
  })

  test('W08 bare LF and bare CR', async () => {
    for (const bytes of [
      'GET / HTTP/1.1\nHost: a\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\n\n',
      'GET / HTTP/1.1\rHost: a\r\n\r\n',
    ])
      await assertRefused(bytes, 400, 'LISTEN_MALFORMED')
  })

  test('W09 controls in values; bytes outside ASCII where they matter', async () => {
    for (const value of ['a\0b', 'a\x01b', 'a\x7fb', 'a\x1bb'])
      await assertRefused(get(`X-Note: ${value}\r\n`), 400, 'LISTEN_MALFORMED')
    for (const line of [
      'Authorization: Bearer \xe9',
      'Content-Type: text/\xff',
      'TE: \x80',
      'Cookie: a=\xff',
      'DPoP: \xc3\xa9',
    ])
      await assertRefused(get(`${line}\r\n`), 400, 'LISTEN_MALFORMED')
    await assertRefused('GET / HTTP/1.1\r\nHost: \xffa\r\n\r\n', 400, 'LISTEN_MALFORMED')
  })

  test('W10 field syntax', async () => {
    for (const line of [
      'X-A : b',
      ' X-A: b',
      'X-A: b\r\n c',
      'no colon here',
      ': empty',
      'X@: b',
      'X\x80: b',
      '\tX: b',
    ])
      await assertRefused(`GET /a HTTP/1.1\r\n${line}\r\nHost: a\r\n\r\n`, 400, 'LISTEN_MALFORMED')
  })

  test('W11 exactly one valid Host', async () => {
    for (const lines of [
      '',
      'Host: a\r\nHost: a\r\n',
      'Host: a\r\nhost: b\r\n',
      'Host: a@b\r\n',
      'Host: a/b\r\n',
      'Host: a b\r\n',
      'Host: a:x\r\n',
      'Host: \r\n',
      'Host: a:99999\r\n',
      'Host: a,b\r\n',
      'Host: [::1\r\n',
      'Host: a..b\r\n',
      'Host: http://a\r\n',
      'Host: a?b\r\n',
      'Host: a#b\r\n',
      'Host: a%00\r\n',
    ])
      await assertRefused(`GET /a HTTP/1.1\r\n${lines}\r\n`, 400, 'LISTEN_MALFORMED')
    for (const [host, authority] of [
      ['API.Example.', 'api.example'],
      ['a:8080', 'a:8080'],
      ['[::1]:80', '[::1]:80'],
      ['10.0.0.1', '10.0.0.1'],
    ]) {
      await assertEntered(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
      assert.equal(door.seen[0]?.arrived.authority, authority)
    }
  })

  test('W12 absolute form must agree with Host', async () => {
    await assertRefused(get('', 'http://b/a'), 400, 'LISTEN_MALFORMED')
    await assertRefused(get('', 'https://a/a'), 400, 'LISTEN_MALFORMED')
    await assertRefused(get('', 'ftp://a/a'), 400, 'LISTEN_MALFORMED')
    await assertRefused(get('', 'http://u@a/a'), 400, 'LISTEN_MALFORMED')
    await assertEntered(get('', 'http://A/x?y=1'))
    assert.equal(door.seen[0]?.arrived.path, '/x')
    assert.equal(door.seen[0]?.arrived.authority, 'a')
    assert.deepEqual(door.seen[0]?.arrived.pairs, [{ name: 'y', value: '1' }])
    await assertRefused(get('', 'http://a/../b'), 400, 'LISTEN_PATH_AMBIGUOUS').catch(() => undefined)
  })

  test('W13 CONNECT, TRACE, authority and asterisk form', async () => {
    const connected = await sendRaw(
      port,
      'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n',
    )
    assert.deepEqual(connected.statuses, [405])
    assert.ok(connected.closed)
    assert.match(connected.text, /\r\nAllow: GET, /)
    assert.equal(door.entered, 0)
    assert.equal(door.rejected[0]?.denial.code, 'MATCH_METHOD')
    assert.deepEqual((await sendRaw(port, 'TRACE /a HTTP/1.1\r\nHost: a\r\n\r\n')).statuses, [405])
    await assertRefused(get('', '*'), 400, 'LISTEN_MALFORMED')
    await assertRefused('GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'LISTEN_MALFORMED')
    await assertEntered('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n')
  })

  test('W14 characters that no target may hold', async () => {
    for (const target of ['/a#b', '/a?b#c', '/a b', '/a\tb', '/a\x01', '/a\x7f', '/\xe9', '/?\xe9', '/?a\\b'])
      await assertRefused(get('', target), 400, 'LISTEN_MALFORMED')
    const backslash = await sendRaw(port, get('', '/a\\b'))
    assert.deepEqual(backslash.statuses, [400])
  })

  test('W15 request line: one space, known version, known method', async () => {
    for (const line of [
      'GET  /a HTTP/1.1',
      'GET /a  HTTP/1.1',
      'GET\t/a HTTP/1.1',
      'GET /a\tHTTP/1.1',
      'GET /a HTTP/1.1 ',
      ' GET /a HTTP/1.1',
      'GET /a RTSP/1.0',
      'GET /a ICE/1.0',
    ])
      await assertRefused(`${line}\r\nHost: a\r\n\r\n`, 400, 'LISTEN_MALFORMED')
    for (const line of ['GET /a HTTP/2.0', 'GET /a HTTP/1.2', 'GET /a HTTP/0.9', 'GET /a HTTP/3.0'])
      await assertRefused(`${line}\r\nHost: a\r\n\r\n`, 505, 'LISTEN_VERSION')
    await assertRefused('GET /a\r\n\r\n', 505, 'LISTEN_VERSION')
    for (const method of ['get', 'FOO', 'GETX', 'PROPFIND', 'Get'])
      await assertRefused(`${method} /a HTTP/1.1\r\nHost: a\r\n\r\n`, 501, 'LISTEN_METHOD_UNKNOWN')
    const double = await sendRaw(port, `${get()}GET  /b HTTP/1.1\r\nHost: a\r\n\r\n`)
    assert.deepEqual(double.statuses, [200, 400])
    await assertEntered(`\r\n\r\n${get()}${get()}`, 2)
    await assertEntered(`${post('Content-Length: 15\r\n', 'GET  / HTTP/1.1')}${get()}`, 2)
  })

  test('W17 trailers never become fields', async () => {
    await assertEntered(chunked('2\r\nhi\r\n0\r\nAuthorization: Bearer x\r\nX-Late: 1\r\n\r\n'))
    assert.deepEqual(door.seen[0]?.arrived.fields.flat, ['host', 'a'])
  })

  test('W18 Expect: exactly 100-continue, and 100 only when the body is wanted', async () => {
    await assertRefused(
      post('Content-Length: 2\r\nExpect: y 100-continue\r\n', 'hi'),
      417,
      'LISTEN_EXPECTATION',
    )
    await assertRefused(
      post('Content-Length: 2\r\nExpect: 100-continue, x\r\n', 'hi'),
      417,
      'LISTEN_EXPECTATION',
    )
    const read = await converse(port, [post('Content-Length: 2\r\nExpect: 100-continue\r\n'), 'hi'])
    assert.deepEqual(read.statuses, [100, 200])
    assert.equal(door.seen[0]?.arrived.fields.has('expect'), false)
    door.early = () => ({ status: 403, fields: [], body: undefined })
    const refusedEarly = await sendRaw(port, post('Content-Length: 2\r\nExpect: 100-continue\r\n'))
    assert.deepEqual(refusedEarly.statuses, [403])
    assert.ok(refusedEarly.closed)
  })

  test('W19 an early reply never leaves unread body bytes on a kept connection', async () => {
    door.early = () => ({ status: 413, fields: [], body: undefined })
    const second = 'GET /second HTTP/1.1\r\nHost: a\r\n\r\n'
    const large = await converse(port, [post('Content-Length: 200000\r\n', 'x'.repeat(1000)), second])
    assert.deepEqual(large.statuses, [413])
    assert.ok(large.closed)
    const open = await converse(port, [chunked('5\r\nhello\r\n'), second])
    assert.deepEqual(open.statuses, [413])
    assert.ok(open.closed)
    assert.equal(door.entered, 2)
    const small = await converse(port, [post(`Content-Length: ${second.length}\r\n`, ''), second, get()])
    assert.deepEqual(small.statuses, [413, 413], 'the second request is the body of the first')
  })

  test('W20 header and target limits', async () => {
    await assertRefused(get(`X: ${'a'.repeat(17_000)}\r\n`), 431, 'LISTEN_HEADERS_TOO_LARGE')
    await assertRefused(get(`X: ${'a'.repeat(40_000)}\r\n`), 431, 'LISTEN_HEADERS_TOO_LARGE')
    await assertRefused(
      get(Array.from({ length: 100 }, (_, i) => `X-${i}: a\r\n`).join('')),
      431,
      'LISTEN_HEADERS_TOO_LARGE',
    )
    await assertEntered(get(Array.from({ length: 99 }, (_, i) => `X-${i}: a\r\n`).join('')))
    assert.equal(door.seen[0]?.arrived.fields.flat.length, 200)
    await assertEntered(get('', `/${'a'.repeat(7999)}`))
    await assertRefused(get('', `/${'a'.repeat(8000)}`), 414, 'LISTEN_TARGET_TOO_LONG')
    await assertRefused(get('', `/${'a'.repeat(60_000)}`), 414, 'LISTEN_TARGET_TOO_LONG')
  })

  test('W21 slow heads and slow bodies', async () => {
    const head = await sendRaw(port, 'GET /a HTTP/1.1\r\nHost: a\r\nX: ', 2500)
    assert.deepEqual(head.statuses, [408])
    assert.ok(head.closed)
    assert.equal(door.rejected[0]?.denial.code, 'LISTEN_TIMEOUT')
    assert.equal(door.rejected[0]?.peer, '127.0.0.1')
    const body = await sendRaw(port, post('Content-Length: 100000\r\n', 'slow'), 3000)
    assert.deepEqual(body.statuses, [408])
    assert.ok(body.closed)
    assert.equal(door.failed.at(-1)?.code, 'LISTEN_TIMEOUT')
  })

  test('W22 a body that breaks off fails its reader; the caller is seen to leave', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write(post('Content-Length: 100\r\n', 'part'))
    await sleep(80)
    socket.destroy()
    await sleep(80)
    assert.equal(door.failed[0]?.code, 'LISTEN_MALFORMED')
    for (let round = 0; round < 50; round += 1) {
      await Promise.all([sendRaw(port, chunked('zz\r\n'), 40), assertGood()])
    }
  })

  async function assertGood(): Promise<void> {
    const answer = await sendRaw(port, get('Connection: close\r\n'), 5_000)
    assert.deepEqual(answer.statuses, [200])
  }

  test('W25 a reply body that breaks off ends the connection without its end', async () => {
    door.answer = () => ({
      status: 200,
      fields: [],
      body: Readable.from(
        (async function* () {
          yield Buffer.from('half')
          await sleep(20)
          throw new Error('upstream gone')
        })(),
      ),
    })
    const answer = await sendRaw(port, get(), 500)
    assert.match(answer.text, /half/)
    assert.ok(answer.closed)
    assert.ok(!answer.text.endsWith('0\r\n\r\n'), 'ended cleanly')
  })

  test('W27 HEAD, 204 and 304 have no body and no transfer coding', async () => {
    door.answer = ({ method, path }) => ({
      status: method === 'HEAD' ? 200 : Number(path.slice(1)),
      fields: [],
      body: path === '/stream' ? Readable.from(['x']) : Buffer.from('body'),
    })
    for (const [method, path] of [
      ['HEAD', '/a'],
      ['HEAD', '/stream'],
      ['GET', '/204'],
      ['GET', '/304'],
    ]) {
      const answer = await sendRaw(port, `${method} ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
      assert.match(answer.text, /\r\n\r\n$/)
      assert.doesNotMatch(answer.text, /transfer-encoding/i)
      assert.doesNotMatch(answer.text, /body/)
    }
  })

  test('W28 streams are chunked on 1.1 and close-delimited on 1.0; our own version is written', async () => {
    door.answer = () => ({
      status: 200,
      fields: [],
      body: Readable.from([Buffer.from('a'), Buffer.from('b')]),
    })
    assert.match((await sendRaw(port, get())).text, /Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n$/)
    const old = await sendRaw(port, 'GET /a HTTP/1.0\r\n\r\n')
    assert.match(old.text, /^HTTP\/1\.1 200 [\s\S]*\r\n\r\nab$/)
    assert.ok(old.closed)
  })

  test('E05 no control character of a reply field reaches the wire', async () => {
    door.answer = () => ({ status: 200, fields: ['X-A', 'a\r\nSet-Cookie: x=1'], body: undefined })
    const answer = await sendRaw(port, get())
    assert.deepEqual(answer.statuses, [503])
    assert.doesNotMatch(answer.text, /Set-Cookie/)
  })

  test('pipelined requests are served one after the other, and nothing after a refusal', async () => {
    let busy = 0
    let most = 0
    door.answer = async ({ path }) => {
      busy += 1
      most = Math.max(most, busy)
      await sleep(10)
      busy -= 1
      return { status: 200, fields: [], body: Buffer.from(path) }
    }
    const answer = await sendRaw(
      port,
      get('', '/1') + get('', '/2') + get('', '/3') + get('X-Bad : 1\r\n') + get('', '/5'),
    )
    assert.deepEqual(answer.statuses, [200, 200, 200, 400].slice(0, answer.statuses.length))
    assert.equal(most, 1)
    assert.ok(door.seen.every(({ arrived }) => arrived.path !== '/5'))
  })
})
