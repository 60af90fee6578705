// Sallyport inside an Express application: the gate is its first middleware.
import type { Server } from 'node:http'
import express from 'express'
import { createGate, type GuardedRequest } from 'sallyport'

/** Serves profiles that only their owners may read, on `port`. */
export async function start(
  config: string,
  port: number,
): Promise<{ server: Server; close(): Promise<void> }> {
  const gate = await createGate(config)
  const app = express()
  app.disable('x-powered-by')
  app.use(gate.middleware)
  app.get('/users/:userId/profile', (request, response) => {
    const { sallyport } = request as unknown as GuardedRequest
    response.json({ id: sallyport.params['userId'], name: `profile of ${sallyport.principal.sub}` })
  })
  app.put('/things/:thingId', (request, response) => {
    const { name } = request.body as { name: string }
    response.json({ id: request.params.thingId, name })
  })
  const server = app.listen(port, '127.0.0.1')
  return { server, close: () => gate.close() }
}
