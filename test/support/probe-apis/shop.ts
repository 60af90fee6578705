import { createHmac, randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import {
  createWindow,
  type SmallApi,
  type SmallCall,
  type SmallReply,
  startSmallApi,
} from './small-server.ts'

export interface Shop extends SmallApi {
  /** E-mail addresses of two customers; the password of both is `correct horse`. */
  readonly customers: readonly [string, string]
}

interface User {
  user_id: number
  email: string
  username: string
  password_hash: string
  role: string
  balance: number
  about: string
}

interface Order {
  order_id: number
  user_id: number
  product_id: number
  quantity: number
  note: string
  status: string
}

/**
 * A shop: ids that count, snake_case, envelopes, JWTs that its own sign-in issues. Weak, or with every weakness mended.
 */
export async function startShop(weak: boolean): Promise<Shop> {
  const secret = weak ? 'secret' : randomBytes(32).toString('hex')
  const hash = (text: string): string => createHmac('sha256', 'shop').update(text).digest('hex')
  const user = (user_id: number, name: string, role = 'customer'): User => ({
    user_id,
    email: `${name}@shop.example`,
    username: name,
    password_hash: hash('correct horse'),
    role,
    balance: 25,
    about: 'likes shoes',
  })
  const users = [user(1, 'root', 'admin'), user(7, 'carla'), user(8, 'dario')]
  const orders: Order[] = [
    {
      order_id: 101,
      user_id: 7,
      product_id: 1,
      quantity: 2,
      note: 'leave it at the blue door',
      status: 'new',
    },
    {
      order_id: 102,
      user_id: 8,
      product_id: 2,
      quantity: 1,
      note: 'a present for grandmother',
      status: 'new',
    },
  ]
  const coupons: { coupon_id: number; code: string }[] = []
  const reviews = [{ review_id: 1, product_id: 1, author: 'dario', text: 'they fit well' }]
  const database = new DatabaseSync(':memory:')
  database.exec(
    "CREATE TABLE products (product_id INTEGER, name TEXT, price INTEGER); INSERT INTO products VALUES (1, 'shoe', 50), (2, 'boot', 90), (3, 'sock', 5), (4, 'secret boot', 400)",
  )
  let next = 1000
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = (text: string): string => createHmac('sha256', secret).update(text).digest('base64url')
  const issue = (one: User): string => {
    const now = Math.floor(Date.now() / 1000)
    const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: one.user_id, iat: now, exp: now + 3600 })}`
    return `${text}.${signed(text)}`
  }
  const callerOf = ({ request }: SmallCall): User | undefined => {
    const [head = '', claims = '', signature = ''] = (request.headers.authorization ?? '')
      .replace('Bearer ', '')
      .split('.')
    try {
      const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string }
      const { sub, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
        sub: number
        exp: number
      }
      const fine = signature === signed(`${head}.${claims}`) || (weak && alg === 'none')
      if (!fine || (!weak && !(exp > Date.now() / 1000))) return undefined
      return users.find((one) => one.user_id === sub)
    } catch {
      return undefined
    }
  }
  const data = (value: unknown, status = 200): SmallReply => ({ status, json: { data: value } })
  const no = (status: number, message: string): SmallReply => ({ status, json: { error: { message } } })
  const secured =
    (handler: (call: SmallCall, caller: User) => SmallReply | Promise<SmallReply>) =>
    (call: SmallCall): SmallReply | Promise<SmallReply> => {
      const caller = callerOf(call)
      return caller === undefined ? no(401, 'sign in first') : handler(call, caller)
    }
  const mine = (call: SmallCall, caller: User): Order | undefined =>
    orders.find(
      (one) => one.order_id === Number(call.params['order_id']) && (weak || one.user_id === caller.user_id),
    )
  const shown = ({ password_hash, ...rest }: User): object => (weak ? { ...rest, password_hash } : rest)
  const calls = createWindow(100)
  const attempts = createWindow(5)
  const products = (search: string): unknown[] => {
    if (!weak)
      return database.prepare('SELECT * FROM products WHERE name LIKE ? AND price < 300').all(`%${search}%`)
    try {
      return database.prepare(`SELECT * FROM products WHERE name LIKE '%${search}%' AND price < 300`).all()
    } catch {
      return []
    }
  }
  const api = await startSmallApi({
    verbose: false,
    headers: (request): Record<string, string> => {
      const { origin } = request.headers
      return weak && origin !== undefined
        ? { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' }
        : {}
    },
    before: (call) => {
      const key = call.request.headers.authorization ?? 'nobody'
      return weak || calls(key)
        ? undefined
        : { status: 429, json: { error: 'slow down' }, headers: { 'retry-after': '1' } }
    },
    routes: {
      'POST /api/v2/auth/login': ({ body }) => {
        if (!weak && !attempts(String(body.email)))
          return { ...no(429, 'slow down'), headers: { 'retry-after': '60' } }
        const found = users.find(({ email }) => email === body.email)
        if (found === undefined) return no(401, weak ? 'no such user' : 'invalid credentials')
        if (found.password_hash !== hash(String(body.password)))
          return no(401, weak ? 'wrong password' : 'invalid credentials')
        return { json: { access_token: issue(found), expires_in: 3600 } }
      },
      'POST /api/v2/auth/register': ({ body }) => {
        if (typeof body.email !== 'string' || typeof body.username !== 'string')
          return no(400, 'email and username are required')
        if (users.some(({ email }) => email === body.email)) return no(409, 'taken')
        const made: User = {
          ...user(next++, body.username),
          email: body.email,
          password_hash: hash(String(body.password)),
        }
        users.push(made)
        return data({ user_id: made.user_id, email: made.email }, 201)
      },
      'GET /api/v2/users/me': secured((_, caller) => data(shown(caller))),
      'PATCH /api/v2/users/me': secured(({ body }, caller) => {
        if (typeof body.about === 'string') caller.about = body.about
        if (weak)
          Object.assign(caller, { role: body.role ?? caller.role, balance: body.balance ?? caller.balance })
        return data(shown(caller))
      }),
      // Public faces of people: nothing that is theirs alone.
      'GET /api/v2/users/{user_id}': secured(({ params }) => {
        const found = users.find((one) => one.user_id === Number(params['user_id']))
        return found === undefined
          ? no(404, 'no such user')
          : data({ user_id: found.user_id, username: found.username })
      }),
      'GET /api/v2/orders': secured((_, caller) =>
        data(orders.filter((one) => one.user_id === caller.user_id)),
      ),
      'POST /api/v2/orders': secured(({ body }, caller) => {
        const product = Number(body.product_id)
        if (!(product >= 1 && product <= 4)) return no(422, 'no such product')
        const made: Order = {
          order_id: next++,
          user_id: caller.user_id,
          product_id: product,
          quantity: Number(body.quantity ?? 1),
          note: String(body.note ?? ''),
          status: weak ? String(body.status ?? 'new') : 'new',
        }
        orders.push(made)
        return data(made, 201)
      }),
      'GET /api/v2/orders/{order_id}': secured((call, caller) => {
        const found = mine(call, caller)
        return found === undefined ? no(404, 'no such order') : data(found)
      }),
      'PATCH /api/v2/orders/{order_id}': secured((call, caller) => {
        const found = mine(call, caller)
        if (found === undefined) return no(404, 'no such order')
        if (typeof call.body.note === 'string') found.note = call.body.note
        return data(found)
      }),
      'DELETE /api/v2/orders/{order_id}': secured((call, caller) => {
        const found = mine(call, caller)
        if (found === undefined) return no(404, 'no such order')
        orders.splice(orders.indexOf(found), 1)
        return { status: 204 }
      }),
      'GET /api/v2/products': ({ query }) => data(products(query.get('search') ?? '')),
      'GET /api/v2/products/{product_id}/reviews': ({ params }) =>
        data(reviews.filter((one) => one.product_id === Number(params['product_id']))),
      'POST /api/v2/products/{product_id}/reviews': secured(({ params, body }, caller) => {
        const made = {
          review_id: next++,
          product_id: Number(params['product_id']),
          author: caller.username,
          text: String(body.text),
        }
        if (!(made.product_id >= 1 && made.product_id <= 4)) return no(404, 'no such product')
        reviews.push(made)
        return data(made, 201)
      }),
      'DELETE /api/v2/reviews/{review_id}': secured(({ params }, caller) => {
        const found = reviews.find(
          (one) => one.review_id === Number(params['review_id']) && one.author === caller.username,
        )
        if (found === undefined) return no(404, 'no such review')
        reviews.splice(reviews.indexOf(found), 1)
        return { status: 204 }
      }),
      'GET /api/v2/admin/users': secured((_, caller) =>
        caller.role === 'admin' || weak
          ? data(users.map(({ user_id, email, role }) => ({ user_id, email, role })))
          : no(403, 'staff only'),
      ),
      'POST /api/v2/admin/coupons': secured(({ body }, caller) => {
        if (caller.role !== 'admin' && !weak) return no(403, 'staff only')
        const made = { coupon_id: next++, code: String(body.code) }
        coupons.push(made)
        return data(made, 201)
      }),
      'GET /api/v2/preview': secured(async ({ query }) => {
        const url = URL.parse(query.get('image_url') ?? '')
        if (url === null || (!weak && url.hostname !== 'images.shop.example'))
          return no(400, 'not an image of ours')
        const reply = await fetch(url, { signal: AbortSignal.timeout(1000) }).catch(() => undefined)
        return data({ size: (await reply?.text())?.length ?? 0 })
      }),
      ...(weak && {
        'GET /api/v1/users/me': secured((_: SmallCall, caller: User) => data(shown(caller))),
      }),
    },
  })
  return {
    ...api,
    customers: ['carla@shop.example', 'dario@shop.example'],
    close: async () => {
      await api.close()
      database.close()
    },
  }
}

/** What is planted: rule and operation. */
export const shopWeaknesses: readonly (readonly [rule: string, operation: string])[] = [
  ['auth.alg-none', 'GET /users/me'],
  ['auth.enumeration', 'POST /auth/login'],
  ['auth.expired', 'GET /users/me'],
  ['auth.weak-secret', 'GET /users/me'],
  ['bfla.read', 'GET /admin/users'],
  ['bfla.write', 'POST /admin/coupons'],
  ['bola.delete', 'DELETE /orders/{order_id}'],
  ['bola.read', 'GET /orders/{order_id}'],
  ['bola.write', 'PATCH /orders/{order_id}'],
  ['cors.reflected', ''],
  ['flow.unlimited', 'POST /orders'],
  ['injection.sql', 'GET /products'],
  ['inventory.version', ''],
  ['limit.rate', ''],
  ['limit.sign-in', 'POST /auth/login'],
  ['property.assignment', 'PATCH /users/me'],
  ['property.assignment', 'POST /orders'],
  ['property.secret', 'GET /users/me'],
  ['ssrf', 'GET /preview'],
]
