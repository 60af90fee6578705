import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hostsIn, mailAddressesIn } from './hosts-in.ts'
import { numbersIn } from './numbers-in.ts'

// The patterns alone, over the whole text: what the passes must find, and nothing else.
const letter = 'a-z0-9\\u00a1-\\uffff'
const hostName = `(?:[${letter}](?:[${letter}-]{0,61}[${letter}])?\\.){1,8}[a-z\\u00a1-\\uffff][${letter}-]{1,23}`
const email = new RegExp(`[${letter}._%+'-]{1,64}@(${hostName})`, 'g')
const bareHost = new RegExp(`(?<![\\w@.-])(?:${hostName}|\\d{1,3}(?:\\.\\d{1,3}){3})(?![\\w-])`, 'g')
const iban = /\b[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?\b/g
const number = /(?<![\w.])\+?\(?\d[\d ().\-/]{6,24}\d(?!\w)/g
const longId = /(?<![\w-])[a-z0-9][a-z0-9_-]{8,94}[a-z0-9](?![\w-])/g

const all = (pattern: RegExp, text: string): string[] =>
  Array.from(text.matchAll(pattern), ([value]) => value)
const idsOf = (text: string): string[] =>
  all(longId, text).filter((id) => (id.match(/\d/g) ?? []).length >= 3 && /[a-z]/.test(id))

function agree(text: string): void {
  const { ibans, numbers, ids } = numbersIn(text)
  assert.deepEqual(mailAddressesIn(text), all(email, text), `addresses of ${JSON.stringify(text)}`)
  assert.deepEqual(hostsIn(text), all(bareHost, text), `hosts of ${JSON.stringify(text)}`)
  assert.deepEqual(ibans, all(iban, text), `IBANs of ${JSON.stringify(text)}`)
  assert.deepEqual(numbers, all(number, text), `numbers of ${JSON.stringify(text)}`)
  assert.deepEqual(ids, idsOf(text), `ids of ${JSON.stringify(text)}`)
}

const pieces = [
  ...[
    'a',
    'b1',
    'ab',
    '1',
    '12',
    '123',
    '4444',
    'de89',
    'gb82',
    'é',
    '\u00a0',
    '\u3002',
    'xn--a',
    'x'.repeat(63),
  ],
  ...[
    '.',
    '..',
    '-',
    '_',
    '@',
    ' ',
    '  ',
    '+',
    '(',
    ')',
    '/',
    '//',
    ':',
    '"',
    ',',
    "'",
    '%',
    '\n',
    '9'.repeat(25),
  ],
  ...['eve@evil.example', 'api.evil.example', '10.0.0.1', 'de89 3704 0044 0532 0130 00', '+49 (30) 1234-567'],
  ...['bk_a1c3e5g7i9', '2026-11-24', 'a.b.c.d.e.f.g.h.i.j', '0x52908400098527886e0f7030069857d2e4169ee7'],
]

test('hosts, addresses, IBANs, numbers and ids are found as their patterns find them', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 24 }), (words) => agree(words.join(''))),
    { numRuns: 5_000 },
  )
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'ab019.-_@ +()/é"'), maxLength: 60 }), agree), {
    numRuns: 5_000,
  })
})
