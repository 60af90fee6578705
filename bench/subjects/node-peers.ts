import { join } from 'node:path'
import { serverCore, startPinned } from '../pinned-process.ts'
import type { Subject } from '../subject.ts'

const peers = join(import.meta.dirname, '..', 'peers')

function nodePeer(name: string, title: string, program: string, needs: string): Subject {
  return {
    name,
    title,
    packages: [],
    needs,
    demands: [],
    start: (site, port, backend) =>
      startPinned(
        serverCore,
        [process.execPath, program, String(port), `http://127.0.0.1:${backend}`],
        port,
        join(site.folder, `${name}.log`),
        { env: { ...process.env, NODE_ENV: 'production' } },
      ),
  }
}

const installed = (name: string): string => join(peers, 'node_modules', name, 'package.json')

/** `node:http` that answers itself: the floor under everything that runs in Node. */
export const nodeHttp: Subject = nodePeer(
  'node-http',
  'Node node:http, fixed reply',
  join(peers, 'node-http.js'),
  process.execPath,
)

/** The least that a proxy in Node can be. */
export const nodeUndici: Subject = nodePeer(
  'node-undici',
  'Node node:http + undici',
  join(peers, 'node-undici.js'),
  process.execPath,
)

export const fastGateway: Subject = nodePeer(
  'fast-gateway',
  'fast-gateway',
  join(peers, 'fast-gateway.js'),
  installed('fast-gateway'),
)

export const fastifyHttpProxy: Subject = nodePeer(
  'fastify-http-proxy',
  '@fastify/http-proxy',
  join(peers, 'fastify-http-proxy.js'),
  installed('@fastify/http-proxy'),
)
