import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import {
  createWindow,
  type SmallApi,
  type SmallCall,
  type SmallReply,
  startSmallApi,
} from './small-server.ts'

interface Account {
  handle: string
  email: string
  password: string
  admin: number
}

interface Recipe {
  title: string
  owner: string
  secret: string
}

const badMail = /^([0-9a-zA-Z]([-.\w]*[0-9a-zA-Z])*@{1}([0-9a-zA-Z][-\w]*[0-9a-zA-Z]\.)+[a-zA-Z]{2,9})$/
const plainMail = /^[^@\s]{1,64}@[^@\s]{1,190}$/

/**
 * A pantry of recipes: user names and titles for ids, `{ status, message }` for replies, tokens that live for seconds, a
 * forgotten debug path. Weak, or with every weakness mended. The password of `nora` and of `omar` is `open sesame`.
 */
export async function startPantry(weak: boolean): Promise<SmallApi> {
  const secret = weak ? 'random' : randomBytes(32).toString('hex')
  const database = new DatabaseSync(':memory:')
  database.exec(
    'CREATE TABLE accounts (handle TEXT PRIMARY KEY, email TEXT, password TEXT, admin INTEGER DEFAULT 0)',
  )
  const recipes: Recipe[] = []
  const reset = (): void => {
    database.exec('DELETE FROM accounts')
    const add = database.prepare('INSERT INTO accounts VALUES (?, ?, ?, ?)')
    add.run('nora', 'nora@mail.example', 'open sesame', 0)
    add.run('omar', 'omar@mail.example', 'open sesame', 0)
    add.run('chef', 'chef@mail.example', randomUUID(), 1)
    recipes.length = 0
    for (const [i, owner] of ['nora', 'omar', 'chef'].entries())
      recipes.push({ title: `stew${i + 17}`, owner, secret: `pinch of ${randomUUID()}` })
  }
  reset()
  const account = (handle: string): Account | undefined =>
    database.prepare('SELECT * FROM accounts WHERE handle = ?').get(handle) as Account | undefined
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = (text: string): string => createHmac('sha256', secret).update(text).digest('base64url')
  const issue = (handle: string): string => {
    const now = Math.floor(Date.now() / 1000)
    const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: handle, iat: now, exp: now + 4 })}`
    return `${text}.${signed(text)}`
  }
  const callerOf = ({ request }: SmallCall): Account | undefined => {
    const [head = '', claims = '', signature = ''] = (request.headers.authorization ?? '')
      .replace('Bearer ', '')
      .split('.')
    try {
      const { sub, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
        sub: string
        exp: number
      }
      if (signature !== signed(`${head}.${claims}`) || !(exp > Date.now() / 1000)) return undefined
      return account(sub)
    } catch {
      return undefined
    }
  }
  const no = (status: number, message: string): SmallReply => ({ status, json: { status: 'fail', message } })
  const yes = (message: string, status = 200): SmallReply => ({
    status,
    json: { status: 'success', message },
  })
  const secured =
    (handler: (call: SmallCall, caller: Account) => SmallReply) =>
    (call: SmallCall): SmallReply => {
      const caller = callerOf(call)
      return caller === undefined ? no(401, 'Invalid token. Please log in again.') : handler(call, caller)
    }
  const attempts = createWindow(5)
  const calls = createWindow(200)
  const stats = (): SmallReply => ({
    json: { accounts: 3, recipes: recipes.length, disk: '/dev/pantry1', uptime: '17 days' },
  })
  const api = await startSmallApi({
    verbose: weak,
    before: ({ request }) =>
      weak || calls(request.headers.authorization ?? 'nobody')
        ? undefined
        : { ...no(429, 'slow down'), headers: { 'retry-after': '1' } },
    routes: {
      'GET /': () => ({ json: { message: 'Pantry API', help: 'share recipes, keep the secret' } }),
      'GET /createdb': () => {
        if (!weak) return no(404, 'no such page')
        reset()
        return { json: { message: 'Database populated.' } }
      },
      'GET /me': secured((_, { handle, email, admin }) => ({
        json: { status: 'success', data: { handle, email, admin: admin === 1 } },
      })),
      'GET /accounts/v1': () => ({
        json: { accounts: database.prepare('SELECT handle FROM accounts').all() },
      }),
      'GET /accounts/v1/_debug': () =>
        weak
          ? { json: { accounts: database.prepare('SELECT * FROM accounts').all() } }
          : no(404, 'not found'),
      'POST /accounts/v1/register': ({ body }) => {
        const { handle, email, password } = body
        if (![handle, email, password].every((one) => typeof one === 'string' && one !== ''))
          return no(400, 'Please provide valid data')
        if (!weak && !attempts('register'))
          return { ...no(429, 'slow down'), headers: { 'retry-after': '1' } }
        if (account(handle) !== undefined) return no(200, 'User already exists. Please Log in.')
        const admin = weak && body.admin === true ? 1 : 0
        database.prepare('INSERT INTO accounts VALUES (?, ?, ?, ?)').run(handle, email, password, admin)
        return yes('Successfully registered. Login to receive an auth token.')
      },
      'POST /accounts/v1/login': ({ body }) => {
        if (!weak && !attempts(`login ${body.handle}`))
          return { ...no(429, 'slow down'), headers: { 'retry-after': '1' } }
        const found = account(String(body.handle))
        if (found === undefined)
          return no(200, weak ? 'Handle does not exist' : 'Handle or password incorrect')
        if (found.password !== body.password)
          return no(
            200,
            weak ? 'Password is not correct for the given handle.' : 'Handle or password incorrect',
          )
        return {
          json: { status: 'success', message: 'Successfully logged in.', auth_token: issue(found.handle) },
        }
      },
      'GET /accounts/v1/{handle}': ({ params }) => {
        const found = weak
          ? (database.prepare(`SELECT * FROM accounts WHERE handle = '${params['handle']}'`).get() as
              | Account
              | undefined)
          : account(params['handle'] ?? '')
        if (found === undefined) return no(404, 'User not found')
        return { json: weak ? { handle: found.handle, email: found.email } : { handle: found.handle } }
      },
      'DELETE /accounts/v1/{handle}': secured(({ params }, caller) => {
        if (!weak && caller.admin !== 1) return no(401, 'Only Admins may delete users!')
        const done = database.prepare('DELETE FROM accounts WHERE handle = ?').run(params['handle'] ?? '')
        return done.changes === 1 ? yes('User deleted.') : no(404, 'User not found!')
      }),
      'PUT /accounts/v1/{handle}/email': secured(({ params, body }, caller) => {
        if (params['handle'] !== caller.handle) return no(404, 'User not found')
        const mail = String(body.email)
        if (!(weak ? badMail : plainMail).test(mail)) return no(400, 'Please provide a valid email address.')
        database.prepare('UPDATE accounts SET email = ? WHERE handle = ?').run(mail, caller.handle)
        return { status: 204 }
      }),
      'PUT /accounts/v1/{handle}/password': secured(({ params, body }, caller) => {
        if (typeof body.password !== 'string' || body.password === '') return no(400, 'Malformed Data')
        if (!weak && params['handle'] !== caller.handle) return no(404, 'User not found')
        const done = database
          .prepare('UPDATE accounts SET password = ? WHERE handle = ?')
          .run(body.password, params['handle'] ?? '')
        return done.changes === 1 ? { status: 204 } : no(400, 'User Not Found')
      }),
      'GET /recipes/v1': () => ({ json: { Recipes: recipes.map(({ title, owner }) => ({ title, owner })) } }),
      'POST /recipes/v1': secured(({ body }, caller) => {
        if (typeof body.recipe_title !== 'string' || typeof body.secret !== 'string')
          return no(400, 'Malformed Data')
        if (!weak && !attempts(`recipes ${caller.handle}`))
          return { ...no(429, 'slow down'), headers: { 'retry-after': '1' } }
        if (recipes.some(({ title, owner }) => title === body.recipe_title && owner === caller.handle))
          return no(400, 'Recipe already exists!')
        recipes.push({ title: body.recipe_title, owner: caller.handle, secret: body.secret })
        return yes('Recipe has been added.')
      }),
      'GET /recipes/v1/{recipe_title}': secured(({ params }, caller) => {
        const found = recipes.find(
          ({ title, owner }) => title === params['recipe_title'] && (weak || owner === caller.handle),
        )
        if (found === undefined) return no(404, 'Recipe not found!')
        return { json: { recipe_title: found.title, secret: found.secret, owner: found.owner } }
      }),
      'GET /admin/v1/stats': secured((_, caller) => (caller.admin === 1 ? stats() : no(403, 'staff only'))),
      'GET /go': ({ query }) => {
        const next = query.get('next') ?? '/'
        if (!weak && !/^\/\w*$/.test(next)) return no(400, 'not a page of ours')
        return { status: 302, headers: { location: next } }
      },
      ...(weak && {
        'GET /admin/v1/stats/': secured(stats),
        'GET /recipes/v0': () => ({
          json: { Recipes: recipes.map(({ title, owner }) => ({ title, owner })) },
        }),
      }),
    },
  })
  return {
    ...api,
    close: async () => {
      await api.close()
      database.close()
    },
  }
}

/** What is planted: rule and operation. */
export const pantryWeaknesses: readonly (readonly [rule: string, operation: string])[] = [
  ['auth.enumeration', 'POST /accounts/v1/login'],
  ['auth.weak-secret', 'GET /me'],
  ['bfla.tampered', 'GET /admin/v1/stats'],
  ['bola.delete', 'DELETE /accounts/v1/{handle}'],
  ['bola.read', 'GET /recipes/v1/{recipe_title}'],
  ['bola.act', 'PUT /accounts/v1/{handle}/password'],
  ['error.verbose', ''],
  ['injection.regex', 'PUT /accounts/v1/{handle}/email'],
  ['injection.sql', 'GET /accounts/v1/{handle}'],
  ['inventory.version', ''],
  ['limit.rate', ''],
  ['limit.sign-in', 'POST /accounts/v1/login'],
  ['property.assignment', 'POST /accounts/v1/register'],
  ['property.secret', 'GET /accounts/v1/_debug'],
  ['redirect.open', 'GET /go'],
]
