import type { ServerHttp2Stream } from 'node:http2'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { Rejected } from '../../kernel/door.ts'
import type { Reply } from '../../kernel/facts.ts'
import { type Denial, deny } from '../../kernel/verdict.ts'
import { parseCheckRequest } from './check-request.ts'
import { writeCheckResponse } from './check-response.ts'
import { Connection } from './connection.ts'
import { type BadMessage, grpcStatus, readMessage, sendMessage, sendStatus } from './grpc-message.ts'
import type { Listening } from './listening.ts'
import { ProtoMessage } from './proto-message.ts'
import { isRejected, readRequest, rejection } from './read-request.ts'
import { wholeBody } from './whole-body.ts'

const checkPath = '/envoy.service.auth.v3.Authorization/Check'
const healthPath = '/grpc.health.v1.Health/Check'
/** A health question is a name. */
const healthBytes = 1024

/**
 * One gRPC call of a data plane: `Authorization/Check` of Envoy, or `Health/Check`. A question that cannot be read is
 * answered with a refusal, not with an error: a data plane may be told to let calls pass on errors.
 */
export function onGrpcStream(
  listening: Listening,
  connection: Connection,
  stream: ServerHttp2Stream,
  lines: readonly string[],
): void {
  const method = fieldOf(lines, ':method')
  const path = fieldOf(lines, ':path')
  if (method !== 'POST' || !isGrpc(fieldOf(lines, 'content-type') ?? '')) {
    stream.respond({ ':status': 415 }, { endStream: true })
    return
  }
  if (path === healthPath) void answerHealth(listening, stream)
  else if (path === checkPath) void answerCheck(listening, connection, stream)
  else sendStatus(stream, grpcStatus.unimplemented, 'no such method')
}

async function answerCheck(
  listening: Listening,
  connection: Connection,
  stream: ServerHttp2Stream,
): Promise<void> {
  const { limits, door } = listening
  const gone = new AbortController()
  stream.once('close', () => {
    if (!stream.writableFinished) gone.abort()
  })
  const message = await readMessage(stream, limits.questionBytes, limits.headTimeoutMs)
  if (message === 'gone') return
  if (typeof message === 'string') {
    sendMessage(stream, writeCheckResponse(door.reject(rejection(connection, denialOf(message))), []))
    return
  }
  const asked = parseCheckRequest(message)
  if ('denial' in asked) {
    const refused: Rejected = {
      ...rejection(connection, asked.denial, { method: asked.method }),
      ...(asked.peer !== '' && { client: asked.peer }),
    }
    sendMessage(stream, writeCheckResponse(door.reject(refused), []))
    return
  }
  const behind = new Connection(
    connection.socket,
    connection.listener,
    listening.trusted,
    asked.secure ? { serverName: asked.serverName, certificate: undefined } : undefined,
    asked.peer,
  )
  const call = readRequest(
    {
      connection: behind,
      protocol: asked.protocol,
      method: asked.method,
      target: asked.target,
      lines: asked.lines,
      authority: asked.authority,
      denial: undefined,
      signal: gone.signal,
      upgrade: undefined,
      body: () => wholeBody(asked.body),
    },
    { limits, trusted: listening.trusted, decision: undefined },
  )
  const answer = (reply: Reply): void => sendMessage(stream, writeCheckResponse(reply, asked.lines))
  if (isRejected(call)) return answer(door.reject(call))
  // The door never rejects; should it, nothing is answered and nothing passes.
  await door.enter(call).then(answer, () => stream.destroy())
}

function denialOf(message: Exclude<BadMessage, 'gone'>): Denial {
  return message === 'too large'
    ? deny('INSPECT_BODY_TOO_LARGE', 'listen.check', 'the question is larger than any is')
    : deny('LISTEN_MALFORMED', 'listen.check', `the question is ${message}`)
}

/** `grpc.health.v1`: SERVING (1) until the gateway drains, then NOT_SERVING (2); other services are unknown. */
async function answerHealth(listening: Listening, stream: ServerHttp2Stream): Promise<void> {
  const message = await readMessage(stream, healthBytes, listening.limits.headTimeoutMs)
  if (message === 'gone') return
  if (typeof message === 'string') return sendStatus(stream, grpcStatus.invalid, message)
  let service: string
  try {
    service = new ProtoMessage(message).text(1)
  } catch {
    return sendStatus(stream, grpcStatus.invalid, 'not a HealthCheckRequest')
  }
  if (service !== '' && service !== 'envoy.service.auth.v3.Authorization')
    return sendStatus(stream, grpcStatus.notFound, 'no such service')
  const status = listening.draining ? 2 : 1
  sendMessage(stream, new BinaryWriter().tag(1, WireType.Varint).int32(status).finish())
}

function fieldOf(lines: readonly string[], name: string): string | undefined {
  for (let i = 0; i < lines.length; i += 2) if (lines[i] === name) return lines[i + 1]
  return undefined
}

function isGrpc(type: string): boolean {
  return /^application\/grpc(?:\+proto)?(?:;|$)/.test(type)
}
