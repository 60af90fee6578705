import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseMultipart } from './multipart.ts'

const read = (text: string, boundary: string | undefined = 'b'): unknown =>
  parseMultipart(Buffer.from(text, 'latin1'), boundary)?.map((part) => [
    part.name,
    part.file,
    part.mediaType,
    Buffer.from(part.data).toString('latin1'),
  ])
const field = (name: string, value: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`

it('fields and files', () => {
  const file =
    '--b\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\r\n\u0000\r\n'
  assert.deepEqual(read(`${field('a', 'one')}${file}--b--\r\n`), [
    ['a', undefined, undefined, 'one'],
    ['f', 'a.png', 'image/png', '\r\n\u0000'],
  ])
  assert.deepEqual(read(`${field('a', '')}--b--`), [['a', undefined, undefined, '']])
})

it('what parsers read differently is nothing', () => {
  const good = `${field('a', 'one')}--b--`
  assert.notEqual(read(good), undefined)
  for (const bad of [
    good.replaceAll('\r\n', '\n'),
    ` ${good}`,
    `x\r\n${good}`,
    `${good}x`,
    good.replace('--b--', ''),
    good.replace('form-data', 'attachment'),
    good.replace('name="a"', 'name="a"; name="b"'),
    good.replace('name="a"', "name*=utf-8''a"),
    good.replace('name="a"', 'name="a\\"b"'),
    good.replace('name="a"', 'name="__proto__"'),
    good.replace('\r\n\r\n', '\r\nX-Other: 1\r\n\r\n'),
    good.replace('\r\n\r\n', '\r\nContent-Transfer-Encoding: base64\r\n\r\n'),
    '--b--',
  ])
    assert.equal(read(bad), undefined, JSON.stringify(bad))
  assert.equal(parseMultipart(Buffer.from(good), undefined), undefined)
  assert.equal(parseMultipart(Buffer.from(good), 'b\r\n'), undefined)
})
