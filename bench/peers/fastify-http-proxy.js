import proxy from '@fastify/http-proxy'
import Fastify from 'fastify'

const [, , port, upstream] = process.argv
const app = Fastify({ logger: false, keepAliveTimeout: 600_000 })
app.register(proxy, { upstream, undici: { connections: 128, pipelining: 1 } })
await app.listen({ port: Number(port), host: '127.0.0.1' })
