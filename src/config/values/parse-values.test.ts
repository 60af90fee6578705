import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest } from '../yaml/nearest.ts'
import { parseAddress } from './parse-address.ts'
import { parseCidr } from './parse-cidr.ts'
import { parseDuration } from './parse-duration.ts'
import { parseRate } from './parse-rate.ts'
import { parseSize } from './parse-size.ts'

const table = <T>(name: string, parse: (text: string) => T, rows: Record<string, T>): void => {
  test(name, () => {
    for (const [text, value] of Object.entries(rows)) assert.deepEqual(parse(text), value, text)
  })
}

table('durations', parseDuration, {
  '30s': 30_000,
  '15min': 900_000,
  '1m': 60_000,
  '500ms': 500,
  '1h': 3_600_000,
  '7d': 604_800_000,
  '0s': 0,
  '': undefined,
  '30': undefined,
  '-1s': undefined,
  '1.5s': undefined,
  '1 s': undefined,
  '1S': undefined,
  '9999d': undefined,
  '1week': undefined,
})
table('sizes', parseSize, {
  '1MiB': 1_048_576,
  '64KiB': 65_536,
  '10MB': 10_000_000,
  '8000': 8000,
  '1B': 1,
  '': undefined,
  '1mb': undefined,
  '-1': undefined,
  '1e3': undefined,
  '99999999999GiB': undefined,
})
table('rates', parseRate, {
  '100/min': { rate: 100, windowMs: 60_000 },
  '5/s': { rate: 5, windowMs: 1000 },
  '20/10s': { rate: 20, windowMs: 10_000 },
  '1000/day': { rate: 1000, windowMs: 86_400_000 },
  '3/h': { rate: 3, windowMs: 3_600_000 },
  '0/s': undefined,
  '1/0s': undefined,
  '/s': undefined,
  '5': undefined,
  '5/fortnight': undefined,
  '5 /s': undefined,
})
table('addresses', parseAddress, {
  '127.0.0.1:8080': { host: '127.0.0.1', port: 8080 },
  '[::1]:0': { host: '::1', port: 0 },
  'localhost:1': { host: 'localhost', port: 1 },
  ':8080': undefined,
  '8080': undefined,
  '127.0.0.1': undefined,
  '127.0.0.1:70000': undefined,
  '::1:80': undefined,
  'example.com:80': undefined,
  '[fe80::1%eth0]:80': undefined,
  '1.2.3:80': undefined,
  '01.2.3.4:80': undefined,
})
table('blocks', parseCidr, {
  '10.0.0.0/8': { address: '10.0.0.0', prefix: 8 },
  '::1': { address: '::1', prefix: 128 },
  '10.0.0.1': { address: '10.0.0.1', prefix: 32 },
  'fd00::/8': { address: 'fd00::', prefix: 8 },
  '10.0.0.0/33': undefined,
  '10/8': undefined,
  '10.0.0.0/': undefined,
  '10.0.0.0/8/8': undefined,
  'fe80::1%1/64': undefined,
  '*': undefined,
})

test('the nearest word', () => {
  const words = ['issuers', 'listen', 'upstream', 'apis']
  assert.equal(nearest('isuers', words), 'issuers')
  assert.equal(nearest('Issuers', words), 'issuers')
  assert.equal(nearest('lisetn', words), 'listen')
  assert.equal(nearest('upstreams', words), 'upstream')
  assert.equal(nearest('zebra', words), undefined)
  assert.equal(nearest('x'.repeat(10_000), words), undefined)
})
