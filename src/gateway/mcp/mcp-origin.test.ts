import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fields } from '../../kernel/fields.ts'
import { refuseMcpOrigin } from './mcp-origin.ts'

function isRefused(origin: string | undefined, authority: string, named = false): boolean {
  const fields = new Fields(origin === undefined ? [] : ['origin', origin])
  const channel = {
    secure: false,
    listener: '',
    protocol: '1.1',
    serverName: undefined,
    certificate: undefined,
  } as const
  return (
    refuseMcpOrigin({ origins: ['https://app.example'], named }, { fields, channel, authority }) !== undefined
  )
}

test('a listed page, none at all, and the server’s own where its name is known', () => {
  for (const [origin, authority, named, refused] of [
    [undefined, 'any.example', false, false],
    ['https://app.example', 'any.example', false, false],
    ['http://localhost:8080', 'localhost:8080', false, false],
    ['http://127.0.0.1:8080', '127.0.0.1:8080', false, false],
    ['http://[::1]', '[::1]', false, false],
    ['http://api.example', 'api.example', true, false],
    ['http://api.example', 'api.example', false, true],
    ['http://localhost.evil.example', 'localhost.evil.example', false, true],
    ['http://127.0.0.1.evil.example', '127.0.0.1.evil.example', false, true],
    ['https://app.example.evil', 'any.example', false, true],
    ['http://app.example', 'any.example', false, true],
    ['null', 'any.example', false, true],
  ] as const)
    assert.equal(isRefused(origin, authority, named), refused, `${origin} at ${authority}`)
})
