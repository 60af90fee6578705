import type { Subject } from './subject.ts'
import { haproxy, haproxyJwt } from './subjects/haproxy.ts'
import { bareUpstream, modsecurity, nginx } from './subjects/nginx.ts'
import { fastGateway, fastifyHttpProxy, nodeHttp, nodeUndici } from './subjects/node-peers.ts'
import { sallyport, sallyportOpen } from './subjects/sallyport.ts'

/** Everything that is measured, in the order of the table. */
export const subjects: readonly Subject[] = [
  bareUpstream,
  nginx,
  haproxy,
  haproxyJwt,
  modsecurity,
  nodeHttp,
  nodeUndici,
  fastGateway,
  fastifyHttpProxy,
  sallyportOpen,
  sallyport,
]
