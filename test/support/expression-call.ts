import type { Call, Scene } from '../../src/expression/scene.ts'
import type { Variables } from '../../src/expression/vocabulary.ts'
import { Fields } from '../../src/kernel/fields.ts'
import { anonymous, type Principal } from '../../src/kernel/principal.ts'

export const everything: Variables = {
  caller: 'any',
  path: 'any',
  query: 'any',
  header: 'any',
  cookie: 'any',
  body: 'any',
  object: 'any',
  response: 'any',
  request: 'any',
}

const principal: Principal = {
  ...anonymous,
  issuer: 'travel',
  sub: '123',
  client: 'app',
  roles: ['user', 'agent'],
  scopes: ['trips:read'],
  claims: Object.assign(Object.create(null), {
    tenant: 't1',
    level: 3,
    groups: ['a'],
    note: 'has admin in it',
  }),
  kind: 'jwt',
}

export const call: Call = {
  principal,
  params: Object.assign(Object.create(null), { userId: '123', bookingId: 'b9' }),
  pairs: [
    { name: 'q', value: 'rome' },
    { name: 'id', value: '1' },
    { name: 'id', value: '2' },
    { name: '__proto__', value: 'polluted' },
  ],
  fields: new Fields(['x-plan', 'gold', 'x-twice', 'a', 'x-twice', 'b', 'cookie', 'sid=abc; theme=dark']),
  client: '192.0.2.7',
  authority: 't1.api.example:8443',
  method: 'GET',
  time: Date.UTC(2026, 10, 24, 9, 30),
}

export const scene: Scene = {
  body: { username: 'ada', items: [{ id: '1' }, { id: '2' }], count: 5, flags: { on: true }, big: 2n ** 60n },
  object: { id: 'b9', owner: '123' },
  response: { userId: '7' },
}
