import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseRedisAddress } from './redis-address.ts'
import { AddressError } from './store-address.ts'

test('one server, with everything', () => {
  const config = parseRedisAddress(
    'rediss://sally:p%40ss%3A%2F@redis.example:6390/3?ca=ca.pem&prefix=gate-1&timeout=1s&lease=0ms',
  )
  assert.equal(config.password?.reveal(), 'p@ss:/')
  const { password: _, ...rest } = config
  assert.deepEqual(rest, {
    kind: 'redis',
    mode: 'single',
    nodes: [{ host: 'redis.example', port: 6390 }],
    name: undefined,
    user: 'sally',
    sentinelUser: undefined,
    sentinelPassword: undefined,
    database: 3,
    tls: true,
    authorities: 'ca.pem',
    prefix: 'gate-1',
    timeoutMs: 1000,
    leaseMs: 0,
    local: false,
  })
})

test('a cluster and sentinels: several hosts, ports of their kind', () => {
  const cluster = parseRedisAddress('redis://:secret@a.example,[::1]:7001/?cluster=true')
  assert.deepEqual(
    [cluster.mode, cluster.nodes],
    [
      'cluster',
      [
        { host: 'a.example', port: 6379 },
        { host: '::1', port: 7001 },
      ],
    ],
  )
  const sentinel = parseRedisAddress('redis://a,b:5000/2?sentinel=mymaster&sentinel_password=s%26t')
  assert.deepEqual(
    [sentinel.mode, sentinel.name, sentinel.nodes[0]?.port, sentinel.database],
    ['sentinel', 'mymaster', 26_379, 2],
  )
  assert.equal(sentinel.sentinelPassword?.reveal(), 's&t')
})

const wrong: readonly (readonly [string, RegExp])[] = [
  ['redis://', /no host/],
  ['redis://a,b', /more than one host/],
  ['redis://a,b?cluster=yes', /`cluster` is true or false/],
  ['redis://a?sentinel=', /name of the master/],
  ['redis://a?cluster=true&sentinel=x', /not both/],
  ['redis://a/x', /number of a database/],
  ['redis://a/1?cluster=true', /no database but 0/],
  ['redis://a?prefix=a:b', /`prefix` is made of/],
  ['redis://a?ca=x', /uses no TLS/],
  ['redis://a?sentinel_password=x', /need `sentinel`/],
  ['redis://a?tls=1', /no parameter is called so/],
  ['redis://a?timeout=1', /`timeout` must be a duration/],
  ['redis://a?lease=1h', /`lease` must be a duration from 0 ms to 10000 ms/],
  ['redis://u:gehe/im@a', /%2F/],
]
for (const [text, why] of wrong)
  test(`refused: ${text}`, () =>
    assert.throws(
      () => parseRedisAddress(text),
      (error) => {
        assert.ok(error instanceof AddressError)
        assert.match(error.message, why)
        assert.ok(!`${error.message} ${error.fix}`.includes('gehe'), 'a password is never repeated')
        return true
      },
    ))

test('whatever is written, it is read or refused with a reason, and in time', () =>
  fc.assert(
    fc.property(fc.string({ maxLength: 300, unit: 'binary' }), (rest) => {
      try {
        parseRedisAddress(`rediss://${rest}`)
      } catch (error) {
        assert.ok(error instanceof AddressError)
      }
    }),
  ))
