import gateway from 'fast-gateway'

const [, , port, target] = process.argv
const server = gateway({ routes: [{ prefix: '', target }] })
const listening = await server.start(Number(port), '127.0.0.1')
listening.keepAliveTimeout = 600_000
