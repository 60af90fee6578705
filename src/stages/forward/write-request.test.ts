import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createCall } from '../../../test/stand-in/call.ts'
import type { Inspected } from '../../kernel/facts.ts'
import { Fields } from '../../kernel/fields.ts'
import { isDenied } from '../../kernel/verdict.ts'
import { parseOrigin } from './dial.ts'
import type { ForwardOptions } from './forward-options.ts'
import { compileRequest } from './write-request.ts'

const assertion = { header: () => 'signed.by.gateway', jwks: { keys: [] } }

function write(given: Partial<Inspected> = {}, options: Partial<ForwardOptions> = {}): string {
  const url = options.url ?? 'http://inner.example:4000/base/'
  const request = compileRequest(parseOrigin(url), { url, ...options })(createCall(given))
  assert.ok(!isDenied(request), isDenied(request) ? request.reason : '')
  return request.head
}

function refused(given: Partial<Inspected>, options: Partial<ForwardOptions> = {}): string {
  const url = 'http://inner.example:4000/base'
  const request = compileRequest(parseOrigin(url), { url, ...options })(createCall(given))
  assert.ok(isDenied(request))
  return request.code
}

/** Values of a field in a head, by lower-case name. */
function values(head: string, name: string): string[] {
  return head
    .split('\r\n')
    .slice(1)
    .filter((line) => line.toLowerCase().startsWith(`${name}: `))
    .map((line) => line.slice(name.length + 2))
}

const hostileFields = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'host',
  'expect',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-prefix',
  'x-real-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'x-envoy-original-path',
  'x-original-url',
  'x-rewrite-url',
  'x-ssl-client-verify',
  'x-client-cert-subject',
  'x-request-id',
  'sallyport-identity',
  'sallyport-anything',
  'http2-settings',
]

describe('request writer', () => {
  it('writes target, host and the gateway’s own fields', () => {
    const head = write({ query: 'a=%20b&c' })
    assert.ok(head.startsWith('GET /base/things?a=%20b&c HTTP/1.1\r\nHost: inner.example:4000\r\n'))
    assert.ok(head.endsWith('\r\n\r\n'))
    assert.deepEqual(values(head, 'x-forwarded-for'), ['192.0.2.7'])
    assert.deepEqual(values(head, 'x-forwarded-proto'), ['https'])
    assert.deepEqual(values(head, 'x-forwarded-host'), ['api.travel.example'])
    assert.deepEqual(values(head, 'forwarded'), ['for=192.0.2.7;host="api.travel.example";proto=https'])
    assert.deepEqual(values(head, 'x-request-id'), ['request-1'])
    assert.deepEqual(values(head, 'via'), ['1.1 sallyport'])
    assert.deepEqual(values(head, 'accept-encoding'), ['identity'])
    assert.match(
      values(head, 'traceparent')[0] ?? '',
      /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/,
    )
  })

  it('names a trusted proxy behind the caller, and quotes IPv6', () => {
    const head = write({ client: '2001:db8::1', peer: '192.0.2.9' })
    assert.deepEqual(values(head, 'x-forwarded-for'), ['2001:db8::1, 192.0.2.9'])
    assert.deepEqual(values(head, 'forwarded'), [
      'for="[2001:db8::1]";host="api.travel.example";proto=https, for=192.0.2.9',
    ])
  })

  it('takes no connection, framing, forwarding or gateway field from the caller', () => {
    const head = write({ fields: new Fields(hostileFields.flatMap((name) => [name, 'evil'])) })
    assert.ok(!head.includes('evil'))
  })

  it('strips, keeps or replaces the credential', () => {
    const fields = new Fields(['authorization', 'Bearer callers', 'x-api-key', 'key', 'cookie', 'a=b'])
    const kept = write({ fields }, { credentials: 'forward', identity: assertion })
    assert.deepEqual(values(kept, 'authorization'), ['Bearer callers'])
    assert.deepEqual(values(kept, 'sallyport-identity'), ['signed.by.gateway'])
    const stripped = write(
      { fields },
      { credentialFields: ['authorization', 'x-api-key'], identity: assertion },
    )
    assert.deepEqual(values(stripped, 'authorization'), [])
    assert.deepEqual(values(stripped, 'x-api-key'), [])
    assert.deepEqual(values(stripped, 'cookie'), ['a=b'])
    const asserted = write({ fields }, { credentials: 'assert', identity: assertion })
    assert.deepEqual(values(asserted, 'authorization'), ['Bearer signed.by.gateway'])
    assert.deepEqual(values(write({ fields }), 'authorization'), [], 'strip is the default')
    assert.deepEqual(values(write({ fields }), 'sallyport-identity'), [], 'no identity without a signer')
  })

  it('writes exactly one framing field, or none', () => {
    const body = Buffer.from('{}')
    const input = (body: Inspected['input']['body']): Partial<Inspected> => ({
      input: { value: undefined, body, mediaType: 'application/json' },
    })
    const framing = (head: string): string[] => [
      ...values(head, 'content-length').map((v) => `length ${v}`),
      ...values(head, 'transfer-encoding'),
    ]
    assert.deepEqual(framing(write()), [])
    assert.deepEqual(framing(write({ method: 'DELETE' })), [])
    assert.deepEqual(framing(write({ method: 'POST' })), ['length 0'])
    assert.deepEqual(framing(write({ method: 'POST', ...input(body) })), ['length 2'])
    assert.deepEqual(framing(write({ method: 'POST', ...input(Readable.from([body])) })), ['chunked'])
    const declared = { ...createCall().body, declared: 2 }
    assert.deepEqual(framing(write({ method: 'POST', body: declared, ...input(Readable.from([body])) })), [
      'length 2',
    ])
    const empty = { ...createCall().body, declared: 0 }
    assert.deepEqual(framing(write({ method: 'POST', body: empty, ...input(Readable.from([])) })), [
      'length 0',
    ])
  })

  it('states the media type that was judged', () => {
    const head = write({
      method: 'POST',
      fields: new Fields(['content-type', 'text/plain']),
      input: { value: {}, body: Buffer.from('{}'), mediaType: 'application/json' },
    })
    assert.deepEqual(values(head, 'content-type'), ['application/json'])
  })

  it('continues a trace of the caller’s, keeps its sampling and its state', () => {
    const traceId = createCall().traceId
    const own = write({
      fields: new Fields(['traceparent', `00-${traceId}-00f067aa0ba902b7-00`, 'tracestate', 'a=1']),
    })
    assert.match(values(own, 'traceparent')[0] ?? '', /-00$/)
    assert.ok(!own.includes('00f067aa0ba902b7'))
    assert.deepEqual(values(own, 'tracestate'), ['a=1'])
    const foreign = write({
      fields: new Fields(['traceparent', `00-${'a'.repeat(32)}-00f067aa0ba902b7-00`, 'tracestate', 'a=1']),
    })
    assert.deepEqual(values(foreign, 'tracestate'), [])
  })

  it('appends to Via, and ends a loop', () => {
    assert.deepEqual(values(write({ fields: new Fields(['via', '1.0 a', 'via', '2 b']) }), 'via'), [
      '1.0 a, 2 b, 1.1 sallyport',
    ])
    const loop = (times: number): Partial<Inspected> => ({
      fields: new Fields(['via', Array.from({ length: times }, () => '1.1 Sallyport (x)').join(', ')]),
    })
    assert.ok(write(loop(3)).includes('Via: '))
    assert.equal(refused(loop(4)), 'LISTEN_LOOP')
    assert.equal(refused(loop(1), { maxLoops: 0 }), 'LISTEN_LOOP')
  })

  it('cannot leave the base path, the line or the authority', () => {
    for (const path of [
      '/../admin',
      '/a/../b',
      '/a/./b',
      '/a/..',
      '//evil.example/x',
      '/a//b',
      '/%2e%2e/b',
      '/..;/x',
      'x',
      '',
      '@evil.example/',
      'http://evil.example/',
      '/a?b',
      '/a#b',
      '/a\\b',
      '/a b',
      '/a\r\nX: 1',
      '/\u0100',
    ])
      assert.equal(refused({ path }), 'LISTEN_PATH_AMBIGUOUS', path)
    assert.equal(refused({ path: '/v1../admin' }, { stripPrefix: '/v1' }), 'LISTEN_PATH_AMBIGUOUS')
    assert.equal(refused({ path: '/v1//admin' }, { stripPrefix: '/v1' }), 'LISTEN_PATH_AMBIGUOUS')
    assert.ok(write({ path: '/v1/a' }, { stripPrefix: '/v1' }).startsWith('GET /base/a HTTP'))
    assert.ok(write({ path: '/v1' }, { stripPrefix: '/v1' }).startsWith('GET /base/ HTTP'))
    assert.equal(refused({ query: 'a=b HTTP/1.1\r\nX: 1' }), 'LISTEN_MALFORMED')
    assert.equal(refused({ authority: 'a"b' }), 'LISTEN_MALFORMED')
    assert.equal(refused({ id: 'a\r\nb' }), 'LISTEN_MALFORMED')
  })

  it('never sends TRACE or CONNECT', () => {
    assert.equal(refused({ method: 'TRACE' }), 'MATCH_METHOD')
    assert.equal(refused({ method: 'CONNECT' }), 'MATCH_METHOD')
  })

  it('refuses values that latin-1 would turn into line ends', () => {
    for (const value of ['a\r\nb', 'a\nb', 'a\0b', 'a\u010db', 'a\u010ab', 'a\u0100'])
      assert.equal(refused({ fields: new Fields(['x-a', value]) }), 'LISTEN_MALFORMED')
    assert.equal(refused({ fields: new Fields(['x a', 'b']) }), 'LISTEN_MALFORMED')
    assert.equal(refused({ fields: new Fields(['x:a', 'b']) }), 'LISTEN_MALFORMED')
  })

  it('keeps its lines apart, whatever the fields hold', () => {
    const known = write({ fields: new Fields([]) }).split('\r\n').length
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, value) => {
        const url = 'http://inner.example'
        const given = createCall({ fields: new Fields([name, value]) })
        const request = compileRequest(parseOrigin(url), { url })(given)
        if (isDenied(request)) return
        assert.ok(request.head.split('\r\n').length <= known + 1)
        const onWire = Buffer.from(request.head, 'latin1').toString('latin1')
        assert.equal(onWire, request.head)
        assert.ok(!/[^\r]\n|\r[^\n]|\0/.test(onWire))
      }),
      { numRuns: 2000 },
    )
  })

  it('refuses an upstream URL that cannot work', () => {
    for (const url of ['inner.example', 'ftp://a', 'http://a:b@c', 'http://a/?x', 'http://a/#x'])
      assert.throws(() => parseOrigin(url), TypeError)
  })
})
