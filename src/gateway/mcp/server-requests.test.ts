import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asksForSecret } from './asks-for-secret.ts'
import { refusedRequest, refusedResult, type ServerRequests } from './server-requests.ts'

const policy: ServerRequests = {
  forms: true,
  urls: ['id.example.com', '*.pay.example'],
  sampling: false,
  roots: false,
}
const form = (properties: object, message = 'Please tell us.'): Record<string, unknown> => ({
  mode: 'form',
  message,
  requestedSchema: { type: 'object', properties },
})
const page = (url: string): Record<string, unknown> => ({
  mode: 'url',
  message: 'Open.',
  url,
  elicitationId: '1',
})
const elicit = (params: Record<string, unknown>): string | undefined =>
  refusedRequest(policy, 'elicitation/create', params)

describe('what a server may ask the user for', () => {
  test('forms about what is no secret', () => {
    for (const params of [
      form({ name: { type: 'string', title: 'GitHub user name' } }),
      form({ email: { type: 'string', format: 'email' }, age: { type: 'number' } }),
      form({ seat: { type: 'string', enum: ['window', 'aisle'] } }, 'We will never ask for your password.'),
      form({ pinned: { type: 'boolean' }, keyboard: { type: 'string' }, tokenizer: { type: 'string' } }),
      form({ days: { type: 'array', items: { type: 'string', enum: ['mo', 'tu'] } } }),
      form({ city: { type: 'string', description: 'Secretary of which town? Monkey or donkey?' } }),
    ])
      assert.equal(elicit(params), undefined, JSON.stringify(params))
  })

  test('no form asks for a secret, however it is called', () => {
    for (const params of [
      form({ password: { type: 'string' } }),
      form({ apiKey: { type: 'string' } }),
      form({ API_KEY: { type: 'string' } }),
      form({ pin: { type: 'string' } }),
      form({ value: { type: 'string', title: 'Your pass-word' } }),
      form({ value: { type: 'string', description: 'The one-time code from your phone' } }),
      form({ value: { type: 'string', format: 'password' } }),
      form({ value: { type: 'string' } }, 'Type your pa\u200bssword to go on.'),
      form({ value: { type: 'string' } }, 'Type your p\u0430ssw\u043erd to go on.'),
      form({ value: { type: 'string' } }, 'Type your p4ssw0rd to go on.'),
      form({ value: { type: 'string' } }, 'Type your ｐａｓｓｗｏｒｄ to go on.'),
      form({ value: { type: 'number', title: 'CVV' } }),
      form({ wert: { type: 'string', title: 'Kennwort' } }),
      form({ v: { type: 'string', title: 'Contraseña' } }),
      form({ v: { type: 'string', title: 'Введите пароль' } }),
      form({ v: { type: 'string', title: '请输入密码' } }),
      form({ v: { type: 'string', title: 'Seed phrase of your wallet' } }),
      form({ v: { type: 'string', title: 'Card number' } }),
    ])
      assert.equal(elicit(params), 'a form that asks for a secret', JSON.stringify(params))
  })

  test('what cannot be read in full is refused', () => {
    for (const params of [
      {},
      { mode: 'form', message: 'x' },
      { mode: 'other', message: 'x' },
      form({ a: { type: 'object', properties: { password: { type: 'string' } } } }),
      form({ a: { $ref: '#/x', type: 'string' } }),
      form({ a: { type: 'array', items: { type: 'object' } } }),
      form({ a: true as unknown as object }),
      form(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, { type: 'string' }]))),
    ])
      assert.notEqual(elicit(params), undefined, JSON.stringify(params).slice(0, 80))
    assert.equal(
      refusedRequest({ ...policy, forms: false }, 'elicitation/create', form({})),
      'forms are not allowed',
    )
  })

  test('pages of listed hosts alone', () => {
    for (const url of [
      'https://id.example.com/a?b=c',
      'https://eu.pay.example/x',
      'https://ID.example.com:8443/',
    ])
      assert.equal(elicit(page(url)), undefined, url)
    for (const url of [
      'http://id.example.com/',
      'https://evil.example/?https://id.example.com',
      'https://id.example.com.evil.example/',
      'https://id.example.com@evil.example/',
      'https://user:x@id.example.com/',
      'https://pay.example/',
      'https://xpay.example/',
      'https://evil.example\\@id.example.com/',
      'https://id.example.com\u200b/',
      'https://id.example.com\n/',
      'javascript:alert(1)',
      'https://іd.example.com/',
      `https://id.example.com/${'x'.repeat(3_000)}`,
      '',
    ])
      assert.notEqual(elicit(page(url)), undefined, url)
  })

  test('models and files of the client only where it is written', () => {
    for (const [method, key] of [
      ['sampling/createMessage', 'sampling'],
      ['roots/list', 'roots'],
    ] as const) {
      assert.notEqual(refusedRequest(policy, method, {}), undefined)
      assert.equal(refusedRequest({ ...policy, [key]: true }, method, {}), undefined)
    }
    assert.equal(refusedRequest(policy, 'ping', {}), undefined)
    assert.notEqual(refusedRequest(policy, 'tools/call', {}), undefined)
  })
})

describe('what a result asks for', () => {
  const result = (inputRequests: unknown): Record<string, unknown> => ({
    result: { resultType: 'input_required', inputRequests },
  })
  test('each of its requests', () => {
    const good = { method: 'elicitation/create', params: form({ name: { type: 'string' } }) }
    assert.equal(refusedResult(policy, result({ a: good })), undefined)
    assert.equal(
      refusedResult(policy, { result: { resultType: 'input_required', requestState: 'x' } }),
      undefined,
    )
    assert.equal(refusedResult(policy, { result: { content: [] } }), undefined)
    for (const bad of [
      { a: good, b: { method: 'elicitation/create', params: form({ password: { type: 'string' } }) } },
      { a: { method: 'sampling/createMessage', params: {} } },
      { a: { method: 'tools/call' } },
      { a: 1 },
      [good],
      'x',
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`r${i}`, good])),
    ])
      assert.notEqual(refusedResult(policy, result(bad)), undefined, JSON.stringify(bad).slice(0, 80))
    // Without the word that says it, too.
    assert.notEqual(refusedResult(policy, { result: { inputRequests: { a: 1 } } }), undefined)
  })
  test('an error that wants pages opened', () => {
    const error = (url: string): Record<string, unknown> => ({
      error: { code: -32042, message: 'x', data: { elicitations: [page(url)] } },
    })
    assert.equal(refusedResult(policy, error('https://id.example.com/x')), undefined)
    assert.notEqual(refusedResult(policy, error('https://evil.example/x')), undefined)
  })
})

test('looking for words is linear', () => {
  for (const unit of ['a', 'a_', 'passwor ', 'пар', 'aB', '\u200b', '!']) {
    const started = performance.now()
    asksForSecret(unit.repeat(200_000))
    assert.ok(performance.now() - started < 1_000, unit)
  }
})
