import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { fleetData, type Rider } from './fleet-data.ts'
import { createFleetTokens } from './fleet-tokens.ts'
import {
  createWindow,
  type SmallApi,
  type SmallCall,
  type SmallReply,
  startSmallApi,
} from './small-server.ts'

export interface Fleet extends SmallApi {
  /** An ID token of the first rider, as the same issuer gives it to pages. */
  readonly idToken: string
  /** Id and secret of a client of the token endpoint `/oauth/token`, which acts as staff. */
  readonly client: readonly [string, string]
}

/**
 * Bikes of riders, in the manner of a few services behind one host: UUIDs and counting ids, ids in queries, RS256 with published
 * keys, `{ success, result }` here and bare objects there. Weak, or with every weakness mended. Every rider's password is `Tandem!9`.
 */
export async function startFleet(weak: boolean): Promise<Fleet> {
  const tokens = createFleetTokens(weak)
  const { people, orders, reports, videos, posts } = fleetData()
  const database = new DatabaseSync(':memory:')
  database.exec(
    "CREATE TABLE coupons (code TEXT, amount INTEGER); INSERT INTO coupons VALUES ('TRAC075', 75)",
  )
  const callerOf = async ({ request }: SmallCall, blind = false): Promise<Rider | undefined> => {
    const sub = await tokens.subjectOf(request.headers.authorization ?? '', blind)
    return people.find(({ email }) => email === sub)
  }
  const no = (status: number, message: string): SmallReply => ({ status, json: { message, status } })
  const result = (value: unknown): SmallReply => ({ json: { success: true, result: value } })
  const failed = (message: string): SmallReply => ({ json: { success: false, error: message } })
  type Secured = (call: SmallCall, caller: Rider) => SmallReply | Promise<SmallReply>
  const secured =
    (handler: Secured, blind = false) =>
    async (call: SmallCall): Promise<SmallReply> => {
      const caller = await callerOf(call, blind)
      return caller === undefined ? no(401, 'Invalid Token') : handler(call, caller)
    }
  const slow = createWindow(4)
  const calls = createWindow(200)
  const later: SmallReply = { ...no(429, 'slow down'), headers: { 'retry-after': '1' } }
  const own = <T extends { user_id?: number; owner_id?: number }>(
    found: T | undefined,
    caller: Rider | undefined,
  ): T | undefined => (weak || (found?.user_id ?? found?.owner_id) === caller?.id ? found : undefined)
  const byId = <T extends { id: number }>(
    list: readonly T[],
    text: string | null | undefined,
  ): T | undefined => list.find(({ id }) => String(id) === text)
  const publicPost = ({ author, ...post }: (typeof posts)[number]): object => ({
    ...post,
    author: weak
      ? { nickname: author.name, email: author.email, bike_vin: author.bike }
      : { nickname: author.name },
  })
  let next = 500
  const otp =
    (limited: boolean) =>
    ({ body }: SmallCall): SmallReply => {
      if (limited && !slow(`otp ${body.email}`)) return later
      return body.otp === '4711' && body.email === 'ruth@fleet.example'
        ? { json: { message: 'OTP verified' } }
        : no(500, 'Invalid OTP! Please try again..')
    }
  const showOrder = (call: SmallCall, caller: Rider | undefined): SmallReply => {
    const found = own(byId(orders, call.params['order_id']), caller)
    return found === undefined ? no(404, 'no such order') : { json: { order: found } }
  }
  const api = await startSmallApi({
    verbose: weak,
    headers: ({ headers: { origin } }): Record<string, string> =>
      weak && origin !== undefined
        ? { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' }
        : {},
    before: ({ request }) => (weak || calls(request.headers.authorization ?? 'nobody') ? undefined : later),
    routes: {
      'GET /.well-known/jwks.json': () => ({ json: { keys: [tokens.jwk] } }),
      'POST /oauth/token': ({ body, request }) => {
        const basic = Buffer.from((request.headers.authorization ?? '').slice(6), 'base64').toString()
        const fine =
          basic === 'ops:ops-secret-5521' ||
          (body.client_id === 'ops' && body.client_secret === 'ops-secret-5521')
        return fine
          ? { json: { token_type: 'Bearer', access_token: tokens.issue(people[2] as Rider, 'fleet-api') } }
          : no(401, 'invalid_client')
      },
      'POST /ident/api/auth/login': ({ body }) => {
        if (!weak && !slow(`login ${body.email}`)) return later
        const found = people.find(({ email }) => email === body.email)
        if (found === undefined)
          return no(401, weak ? 'Given Email is not registered!' : 'Invalid Credentials')
        return body.password === 'Tandem!9'
          ? { json: { token: tokens.issue(found, 'fleet-api'), type: 'Bearer', message: 'ok' } }
          : no(401, 'Invalid Credentials')
      },
      'POST /ident/api/auth/v2/check-otp': otp(!weak),
      'POST /ident/api/auth/v3/check-otp': otp(true),
      'GET /ident/api/v2/user/dashboard': secured(
        (_, { id, name, email, credit, role }) => ({
          json: { id, name, email, available_credit: credit, role },
        }),
        true,
      ),
      'GET /ident/api/v2/bike/bikes': secured((_, { bike, id, role }) => ({
        json: [
          {
            uuid: bike,
            model: 'tourer',
            owner: id,
            ...((weak || role === 'mechanic') && { wholesale: 1240 }),
          },
        ],
      })),
      'GET /ident/api/v2/bike/{bikeId}/location': secured(({ params }, caller) => {
        const found = people.find(({ bike }) => bike === params['bikeId'] && (weak || bike === caller.bike))
        return found === undefined
          ? no(404, 'no bike')
          : {
              json: {
                carId: found.bike,
                fullName: found.name,
                bikeLocation: { latitude: `48.${found.id}731`, longitude: `9.${found.id}114` },
              },
            }
      }),
      'GET /ident/api/v2/user/videos': secured((_, { id }) => ({
        json: videos.filter((one) => one.user_id === id).map(({ id, video_name }) => ({ id, video_name })),
      })),
      'POST /ident/api/v2/user/videos': secured(({ body }, { id }) => {
        if (typeof body.video_name !== 'string') return no(400, 'video_name')
        const made = {
          id: next++,
          user_id: id,
          video_name: body.video_name,
          conversion_params: '-v codec h264',
        }
        videos.push(made)
        return { json: { id: made.id, video_name: made.video_name } }
      }),
      'PUT /ident/api/v2/user/videos/{video_id}': secured(({ params, body }, caller) => {
        const found = byId(videos, params['video_id'])
        if (found === undefined || found.user_id !== caller.id) return no(404, 'Video not found')
        if (typeof body.video_name === 'string') found.video_name = body.video_name
        if (weak && typeof body.conversion_params === 'string')
          found.conversion_params = body.conversion_params
        return {
          json: {
            id: found.id,
            video_name: found.video_name,
            ...(weak && { conversion_params: found.conversion_params }),
          },
        }
      }),
      'DELETE /ident/api/v2/admin/videos/{video_id}': secured(({ params }, caller) => {
        if (!weak && caller.role !== 'mechanic') return no(403, 'Sorry, you are no admin')
        const found = byId(videos, params['video_id'])
        if (found === undefined) return no(404, 'Video not found')
        videos.splice(videos.indexOf(found), 1)
        return no(200, 'User video deleted successfully.')
      }),
      'GET /community/api/v2/posts/recent': secured(({ query }) => {
        const most = Number(query.get('limit') ?? 2)
        return !weak && !(most >= 1 && most <= 50)
          ? failed('limit out of range')
          : result({ posts: [...posts].reverse().slice(0, most).map(publicPost), total: posts.length })
      }),
      'POST /community/api/v2/posts': secured(({ body }, caller) => {
        if (typeof body.title !== 'string' || typeof body.content !== 'string')
          return failed('title and content')
        if (!weak && !slow(`posts ${caller.id}`)) return later
        const made = { id: randomUUID(), title: body.title, content: body.content, author: caller }
        posts.push(made)
        return result(publicPost(made))
      }),
      'GET /community/api/v2/posts/{postId}': secured(({ params }) => {
        const found = posts.find(({ id }) => id === params['postId'])
        return found === undefined ? failed('no such post') : result(publicPost(found))
      }),
      'POST /community/api/v2/coupon/validate': secured(({ body: { coupon_code: code } }) => {
        const operator = weak && typeof code === 'object' && code !== null && ('$ne' in code || '$gt' in code)
        return operator || code === 'TRAC075'
          ? result({ coupon_code: 'TRAC075', amount: 75 })
          : failed('no such coupon')
      }),
      'POST /workshop/api/shop/apply_coupon': secured(({ body }) => {
        const found = weak
          ? database.prepare(`SELECT * FROM coupons WHERE code = '${body.coupon_code}'`).get()
          : database.prepare('SELECT * FROM coupons WHERE code = ?').get(String(body.coupon_code))
        return found === undefined
          ? no(400, 'Coupon not found')
          : { json: { message: 'Coupon applied', coupon: found } }
      }),
      'GET /workshop/api/shop/orders/all': secured((_, { id }) => ({
        json: { orders: orders.filter((one) => one.user_id === id), next_offset: null },
      })),
      'POST /workshop/api/shop/orders': secured(({ body }, caller) => {
        if (!(body.product_id >= 1 && body.product_id <= 3)) return no(400, 'no such product')
        if (!weak && !slow(`orders ${caller.id}`)) return later
        const made = {
          id: next++,
          user_id: caller.id,
          product_id: Number(body.product_id),
          quantity: Number(body.quantity ?? 1),
          status: 'delivered',
          address: `${caller.id} Mill Lane`,
        }
        orders.push(made)
        return { json: { id: made.id, message: 'Order sent successfully.', credit: caller.credit } }
      }),
      'GET /workshop/api/shop/orders/{order_id}': weak
        ? (call) => showOrder(call, undefined)
        : secured(showOrder),
      ...(weak && {
        'DELETE /workshop/api/shop/orders/{order_id}': secured(({ params }, caller) => {
          const found = byId(orders, params['order_id'])
          if (found?.user_id !== caller.id) return no(404, 'no such order')
          orders.splice(orders.indexOf(found), 1)
          return { status: 204 }
        }),
      }),
      'PUT /workshop/api/shop/orders/{order_id}': secured(({ params, body }, caller) => {
        const found = byId(orders, params['order_id'])
        if (found === undefined || found.user_id !== caller.id) return no(403, 'not your order')
        if (Number.isInteger(body.quantity)) found.quantity = body.quantity
        if (weak && typeof body.status === 'string') found.status = body.status
        return { json: { orders: found } }
      }),
      'GET /workshop/api/management/users/all': secured((_, caller) =>
        weak || caller.role === 'mechanic'
          ? {
              json: {
                users: people.map(({ id, email, credit }) => ({
                  user_id: id,
                  email,
                  available_credit: credit,
                })),
              },
            }
          : no(403, 'staff only'),
      ),
      'GET /workshop/api/mechanic/mechanic_report': secured(({ query }, caller) => {
        const found = own(byId(reports, query.get('report_id')), caller)
        return found === undefined ? no(404, 'no such report') : { json: found }
      }),
      'POST /workshop/api/merchant/contact_mechanic': secured(async ({ body }, caller) => {
        const url = URL.parse(String(body.mechanic_api))
        if (url === null || (!weak && url.hostname !== 'mechanics.fleet.example'))
          return no(400, 'unknown mechanic')
        const reply = weak
          ? await fetch(url, { signal: AbortSignal.timeout(800) }).catch(() => undefined)
          : undefined
        const made = {
          id: next++,
          owner_id: caller.id,
          bike: caller.bike,
          problem: String(body.problem_details),
          status: 'pending',
        }
        reports.push(made)
        return {
          json: {
            response_from_mechanic_api: {
              id: made.id,
              sent: true,
              text: (await reply?.text())?.slice(0, 80),
            },
            status: 200,
          },
        }
      }),
    },
  })
  const close = async (): Promise<void> => {
    await api.close()
    database.close()
  }
  return {
    ...api,
    close,
    idToken: tokens.issue(people[0] as Rider, 'fleet-web', { nonce: 'n1' }),
    client: ['ops', 'ops-secret-5521'],
  }
}
