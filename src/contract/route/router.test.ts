import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Operation } from '../../kernel/operation.ts'
import { compileRouter, type Router } from './router.ts'

function routerOf(...routes: string[]): Router {
  return compileRouter(
    routes.map((route, slot) => {
      const [method, template] = route.split(' ')
      return { slot, method, template, id: route } as unknown as Operation
    }),
  )
}

function found(router: Router, method: string, path: string): unknown {
  const route = router.find(method, path)
  if (route === undefined) return undefined
  if ('allow' in route) return route.allow
  return [route.operation.id, { ...route.params }]
}

test('a literal goes before a mixed segment, that before a parameter', () => {
  const router = routerOf(
    'GET /users/{id}',
    'GET /users/me',
    'GET /users/{id}.json',
    'GET /users/{a}-{b}',
    'GET /users/{id}/x',
  )
  assert.deepEqual(found(router, 'GET', '/users/me'), ['GET /users/me', {}])
  assert.deepEqual(found(router, 'GET', '/users/7'), ['GET /users/{id}', { id: '7' }])
  assert.deepEqual(found(router, 'GET', '/users/7.json'), ['GET /users/{id}.json', { id: '7' }])
  assert.deepEqual(found(router, 'GET', '/users/x-y-z'), ['GET /users/{a}-{b}', { a: 'x', b: 'y-z' }])
  assert.deepEqual(found(router, 'GET', '/users/me/x'), ['GET /users/{id}/x', { id: 'me' }])
  assert.deepEqual(found(router, 'GET', '/users/.json'), ['GET /users/{id}', { id: '.json' }])
})

test('a parameter is never empty and never holds a slash', () => {
  const router = routerOf('GET /a/{id}', 'GET /a/{id}/b')
  assert.equal(found(router, 'GET', '/a/'), undefined)
  assert.equal(found(router, 'GET', '/a//b'), undefined)
  assert.equal(found(router, 'GET', '/a/x%2Fb'), undefined)
  assert.equal(found(router, 'GET', '/a/%ff'), undefined)
  assert.deepEqual(found(router, 'GET', '/a/x%20y'), ['GET /a/{id}', { id: 'x y' }])
})

test('methods: allow, HEAD by GET, OPTIONS where declared', () => {
  const router = routerOf('GET /a', 'POST /a', 'OPTIONS /b')
  assert.deepEqual(found(router, 'HEAD', '/a'), ['GET /a', {}])
  assert.deepEqual(found(router, 'OPTIONS', '/a'), ['GET', 'HEAD', 'POST'])
  assert.deepEqual(found(router, 'OPTIONS', '/b'), ['OPTIONS /b', {}])
  assert.equal(found(router, 'GET', '/c'), undefined)
  assert.equal(found(router, 'GET', '/a/'), undefined)
  assert.equal(found(router, 'GET', 'a'), undefined)
})

test('params have no prototype', () => {
  const route = routerOf('GET /a/{__proto__}').find('GET', '/a/x')
  assert.ok(route !== undefined && 'params' in route)
  assert.equal(Object.getPrototypeOf(route.params), null)
})

test('what a template makes, its route finds', () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,6}$/)
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          literal: word,
          value: fc.option(
            fc
              .string({ minLength: 1, maxLength: 8 })
              .filter((s) => !s.includes('/') && s !== '.' && s !== '..' && s.isWellFormed()),
          ),
        }),
        { minLength: 1, maxLength: 5 },
      ),
      (parts) => {
        const template = parts.map((p, i) => (p.value === null ? `/${p.literal}` : `/{p${i}}`)).join('')
        const path = parts
          .map((p) => `/${p.value === null ? p.literal : encodeURIComponent(p.value)}`)
          .join('')
        const expected = Object.fromEntries(
          parts.flatMap((p, i) => (p.value === null ? [] : [[`p${i}`, p.value]])),
        )
        assert.deepEqual(found(routerOf(`GET ${template}`), 'GET', path), [`GET ${template}`, expected])
      },
    ),
  )
})

test('a thousand operations are found as fast as ten', () => {
  const of = (n: number): Router =>
    routerOf(...Array.from({ length: n }, (_, i) => `GET /r${i}/{id}/sub${i}`))
  const time = (router: Router): number => {
    let best = Number.POSITIVE_INFINITY
    for (let round = 0; round < 5; round++) {
      const start = performance.now()
      for (let i = 0; i < 20_000; i++) router.find('GET', '/r7/abc/sub7')
      best = Math.min(best, performance.now() - start)
    }
    return best / 20
  }
  const [small, large] = [time(of(10)), time(of(1_000))]
  assert.ok(large < small * 4 + 0.5, `${small} µs and ${large} µs`)
})
