import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mediaOf, operationOf, shown } from './contract.fixture.ts'

const person = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }

test('form fields are typed by the schema', () => {
  const type = 'application/x-www-form-urlencoded'
  const operation = operationOf({
    mediaType: type,
    body: {
      type: 'object',
      required: ['n'],
      properties: {
        n: { type: 'integer' },
        on: { type: 'boolean' },
        tags: { type: 'array', items: { type: 'string' } },
        card: { type: 'object', properties: { no: { type: 'integer' } } },
      },
    },
  })
  const read = (text: string): { value: unknown; errors: string[] } => {
    const { value, errors } = mediaOf(operation, type).readForm(
      [...new URLSearchParams(text)].map(([name, v]) => ({ name, value: v })),
    )
    return { value: JSON.parse(JSON.stringify(value)), errors: shown(errors) }
  }
  assert.deepEqual(read('n=1&on=true&tags=a&tags=b&card[no]=7'), {
    value: { n: 1, on: true, tags: ['a', 'b'], card: { no: 7 } },
    errors: [],
  })
  assert.deepEqual(read('n=01').errors, ['type /body/n'])
  assert.deepEqual(read('n=1&n=2').errors, ['repeated /body/n'])
  assert.deepEqual(read('on=true').errors, ['required /body/n'])
  assert.deepEqual(read('n=1&role=admin').errors, ['undeclared /body/role'])
  assert.deepEqual(read('n=1&card[x]=1').errors, ['undeclared /body/card/x'])
})

test('media types: exact, range, all', () => {
  const operation = operationOf({ mediaType: 'Application/*', body: person })
  assert.equal(mediaOf(operation).kind, 'json')
  assert.equal(operation.input.body?.find('text/plain'), undefined)
  assert.equal(operation.input.body?.find('application/octet-stream')?.kind, 'binary')
})
