import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type PostgresConfig, parsePostgresAddress } from './postgres-address.ts'
import { AddressError } from './store-address.ts'

const read = (text: string): PostgresConfig => parsePostgresAddress(text)

test('an address with everything', () => {
  const config = read(
    'postgres://sally:p%40ss%3A%2F@db.example:6432/main?sslmode=verify-full&sslrootcert=ca.pem&sslcert=c.pem&sslkey=k.pem&pool=25&statement_timeout=2s&connect_timeout=750ms&schema=gate_1',
  )
  assert.equal(config.password?.reveal(), 'p@ss:/')
  assert.deepEqual(
    { ...config, password: undefined },
    {
      kind: 'postgres',
      host: 'db.example',
      port: 6432,
      database: 'main',
      schema: 'gate_1',
      user: 'sally',
      password: undefined,
      tls: 'verified',
      files: { authorities: 'ca.pem', certificate: 'c.pem', key: 'k.pem' },
      pool: 25,
      statementMs: 2000,
      connectMs: 750,
    },
  )
})

test('TLS is on and checked where the database is another machine, unless something else is written', () => {
  assert.equal(read('postgres://db.example/x').tls, 'verified')
  assert.equal(read('postgresql://10.0.0.7/x').tls, 'verified')
  assert.equal(read('postgres://db.example/x?sslmode=require').tls, 'unverified')
  assert.equal(read('postgres://db.example/x?sslmode=disable').tls, 'off')
  for (const host of ['localhost', '127.0.0.1', '[::1]'])
    assert.equal(read(`postgres://${host}/x`).tls, 'off')
  assert.equal(read('postgres://localhost/x?sslmode=verify-full').tls, 'verified')
})

test('a Unix socket', () => {
  const config = read('postgres://sally@/main?host=/var/run/postgresql')
  assert.deepEqual([config.host, config.user, config.tls], ['/var/run/postgresql', 'sally', 'off'])
})

const wrong: readonly (readonly [string, RegExp])[] = [
  ['postgres://db.example', /no database name/],
  ['postgres://db.example/', /no database name/],
  ['postgres://db.example/a/b', /slash/],
  ['postgres:///x', /no host/],
  ['postgres:///x?host=db', /folder of a Unix socket/],
  ['postgres://a,b/x', /more than one host/],
  ['postgres://db/x?host=/run', /two hosts/],
  ['postgres://db/x?sslmode=prefer', /`sslmode` is one of disable, require, verify-full/],
  ['postgres://db/x?sslmod=require', /no parameter is called so; there are host, sslmode/],
  ['postgres://db/x?pool=0', /`pool` must be a whole number from 1 to 200/],
  ['postgres://db/x?pool=1e9', /`pool`/],
  ['postgres://db/x?pool=1&pool=2', /there twice/],
  ['postgres://db/x?statement_timeout=1', /`statement_timeout` must be a duration/],
  ['postgres://db/x?schema=a;b', /`schema` is made of/],
  ['postgres://db/x?sslcert=a', /come together/],
  ['postgres://db/x?sslmode=disable&sslrootcert=a', /uses no TLS/],
  ['postgres://db:99999/x', /port is not between/],
  ['postgres://u:geheim#1@db/x', /%23/],
  ['postgres://u:gehe/im@db/x', /%2F/],
  ['postgres://u:geheim%zz@db/x', /broken % escape/],
  ['postgres://u:geheim@db /x', /white space/],
  ['postgres://u:geheim@d$b/x', /no host name/],
]
for (const [text, why] of wrong)
  test(`refused: ${text}`, () =>
    assert.throws(
      () => read(text),
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
        read(`postgres://${rest}`)
      } catch (error) {
        assert.ok(error instanceof AddressError)
      }
    }),
  ))
