// Sallyport inside a Fastify application: the gate is its first hook, and hands Fastify the bytes that it judged.
import type { Server } from 'node:http'
import { Readable } from 'node:stream'
import fastify from 'fastify'
import { createGate, type Guarded } from 'sallyport'

/** Serves profiles that only their owners may read, on `port`. */
export async function start(
  config: string,
  port: number,
): Promise<{ server: Server; close(): Promise<void> }> {
  const gate = await createGate(config)
  const app = fastify()
  const proven = new WeakMap<object, Guarded>()
  app.addHook('onRequest', async (request, reply) => {
    const guarded = await gate.guard(request.raw, reply.raw)
    if (guarded === undefined) return reply.hijack()
    proven.set(request, guarded)
    return undefined
  })
  app.addHook('preParsing', async (request, _reply, payload) => {
    const body = proven.get(request)?.body
    return body instanceof Uint8Array ? Readable.from([body]) : (body ?? payload)
  })
  app.get('/users/:userId/profile', (request) => {
    const guarded = proven.get(request)
    return { id: guarded?.params['userId'], name: `profile of ${guarded?.principal.sub}` }
  })
  app.put<{ Params: { thingId: string }; Body: { name: string } }>('/things/:thingId', (request) => ({
    id: request.params.thingId,
    name: request.body.name,
  }))
  await app.listen({ port, host: '127.0.0.1' })
  return {
    server: app.server,
    async close() {
      await app.close()
      await gate.close()
    },
  }
}
