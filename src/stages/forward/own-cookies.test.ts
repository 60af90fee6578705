import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutOwnCookies } from './own-cookies.ts'

const cases: readonly [value: string, left: string][] = [
  ['a=1; b=2', 'a=1; b=2'],
  ['__Host-sallyport=s; a=1', 'a=1'],
  ['a=1; sallyport-device=d; sallyport.sig=x; b=2', 'a=1; b=2'],
  ['__Secure-sallyport-step=1', ''],
  ['  __Host-sallyport = s ;a=1', 'a=1'],
  ['sallyport', ''],
  ['a=sallyport; mysallyport=1; sallyports=2', 'a=sallyport; mysallyport=1; sallyports=2'],
]
for (const [value, left] of cases)
  test(`${value} leaves ${left === '' ? 'nothing' : left}`, () => {
    assert.equal(withoutOwnCookies(value), left)
  })
