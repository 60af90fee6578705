// Sallyport inside a Hono application on Node: the gate is its first middleware.
import type { Server } from 'node:http'
import { type HttpBindings, serve } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import { createGate, type Guarded } from 'sallyport'

/** Serves profiles that only their owners may read, on `port`. */
export async function start(
  config: string,
  port: number,
): Promise<{ server: Server; close(): Promise<void> }> {
  const gate = await createGate(config)
  const app = new Hono<{ Bindings: HttpBindings; Variables: { guarded: Guarded } }>()
  app.use(async (context, next) => {
    const guarded = await gate.guard(context.env.incoming, context.env.outgoing)
    if (guarded === undefined) return RESPONSE_ALREADY_SENT
    context.set('guarded', guarded)
    await next()
    return undefined
  })
  app.get('/users/:userId/profile', (context) => {
    const { params, principal } = context.get('guarded')
    return context.json({ id: params['userId'], name: `profile of ${principal.sub}` })
  })
  app.put('/things/:thingId', (context) => {
    const { name } = context.get('guarded').value as { name: string }
    return context.json({ id: context.req.param('thingId'), name })
  })
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }) as Server
  return { server, close: () => gate.close() }
}
