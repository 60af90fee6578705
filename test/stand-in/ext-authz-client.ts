import { join } from 'node:path'
import {
  type ChannelCredentials,
  type ChannelOptions,
  type Client,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

/** What Envoy says of one call. */
export interface Asked {
  readonly method?: string
  readonly path?: string
  readonly host?: string
  readonly scheme?: string
  readonly protocol?: string
  /** Address of the other end of its connection; null: it does not say. */
  readonly source?: string | null
  /** Fields, in order; may repeat. Without pseudo-fields. */
  readonly fields?: readonly (readonly [string, string])[]
  /** Replaces what is made of `fields`: as Envoy without `encode_raw_headers`. */
  readonly headers?: Readonly<Record<string, string>>
  readonly rawBody?: Uint8Array
  readonly body?: string
}

interface HeaderValueOption {
  readonly header: { readonly key: string; readonly value: string }
  readonly append: { readonly value: boolean } | null
  readonly append_action: number
}

/** A `CheckResponse`. */
export interface Answer {
  readonly status: { readonly code: number } | null
  readonly denied_response?: {
    readonly status: { readonly code: number }
    readonly headers: readonly HeaderValueOption[]
    readonly body: string
  } | null
  readonly ok_response?: {
    readonly headers: readonly HeaderValueOption[]
    readonly headers_to_remove: readonly string[]
    readonly response_headers_to_add: readonly HeaderValueOption[]
  } | null
}

type Call<Request, Response> = (
  request: Request,
  options: { readonly deadline: number },
  done: (error: ServiceError | null, response: Response) => void,
) => { cancel(): void }

/** Envoy's side of `ext_authz`, by the usual gRPC client. */
export interface ExtAuthzClient {
  check(asked: Asked): Promise<Answer>
  /** Any bytes as the message. */
  checkRaw(message: Uint8Array): Promise<Answer>
  health(service?: string): Promise<string>
  call(path: string): Promise<unknown>
  close(): void
}

const here = import.meta.dirname
const definition = loadSync([join(here, 'ext-authz.proto'), join(here, 'health.proto')], {
  keepCase: true,
  defaults: true,
  enums: String,
  longs: Number,
})
const loaded = loadPackageDefinition(definition) as unknown as {
  envoy: { service: { auth: { v3: { Authorization: ServiceClientConstructor } } } }
  grpc: { health: { v1: { Health: ServiceClientConstructor } } }
}
const checkMethod = loaded.envoy.service.auth.v3.Authorization.service['Check']

export function createExtAuthzClient(
  target: string,
  trust: ChannelCredentials = credentials.createInsecure(),
  options: ChannelOptions = {},
): ExtAuthzClient {
  const authorization = new loaded.envoy.service.auth.v3.Authorization(target, trust, options)
  const health = new loaded.grpc.health.v1.Health(target, trust, options)
  const deadline = (): number => Date.now() + 10_000
  const raw = <T>(path: string, message: Uint8Array, read: (bytes: Buffer) => T): Promise<T> =>
    new Promise((resolve, reject) => {
      authorization.makeUnaryRequest(
        path,
        (bytes: Uint8Array) => Buffer.from(bytes),
        read,
        message,
        { deadline: deadline() },
        (error: ServiceError | null, response?: T) =>
          error === null && response !== undefined ? resolve(response) : reject(error),
      )
    })
  const unary = <Request, Response>(client: Client, name: string, request: Request): Promise<Response> =>
    new Promise((resolve, reject) => {
      const method = (client as unknown as Record<string, Call<Request, Response>>)[name]
      method?.call(client, request, { deadline: deadline() }, (error, response) =>
        error === null ? resolve(response) : reject(error),
      )
    })
  return {
    check: (asked) => unary(authorization, 'Check', requestOf(asked)),
    checkRaw: (message) =>
      raw(
        '/envoy.service.auth.v3.Authorization/Check',
        message,
        (bytes) => checkMethod?.responseDeserialize(bytes) as unknown as Answer,
      ),
    health: async (service = '') =>
      (await unary<object, { status: string }>(health, 'Check', { service })).status,
    call: (path) => raw(path, new Uint8Array(0), (bytes) => bytes),
    close() {
      authorization.close()
      health.close()
    },
  }
}

/** Bytes of a whole question. */
export function encodeCheck(asked: Asked): Buffer {
  return checkMethod?.requestSerialize(requestOf(asked)) ?? Buffer.alloc(0)
}

function requestOf(asked: Asked): object {
  const {
    method = 'GET',
    path = '/',
    host = 'api.example.test',
    scheme = 'http',
    protocol = 'HTTP/1.1',
  } = asked
  const pseudo: [string, string][] = [
    [':authority', host],
    [':method', method],
    [':path', path],
    [':scheme', scheme],
  ]
  const fields = [...pseudo, ...(asked.fields ?? [])]
  return {
    attributes: {
      ...(asked.source !== null && {
        source: {
          address: { socket_address: { address: asked.source ?? '198.51.100.7', port_value: 40_000 } },
        },
      }),
      destination: { address: { socket_address: { address: '192.0.2.1', port_value: 443 } } },
      request: {
        time: { seconds: 1, nanos: 2 },
        http: {
          id: '1234',
          method,
          path,
          host,
          scheme,
          protocol,
          size: asked.rawBody?.length ?? 0,
          ...(asked.headers === undefined
            ? {
                header_map: {
                  headers: fields.map(([key, value]) => ({ key, raw_value: Buffer.from(value, 'latin1') })),
                },
              }
            : { headers: { ...Object.fromEntries(pseudo), ...asked.headers } }),
          ...(asked.rawBody !== undefined && { raw_body: asked.rawBody }),
          ...(asked.body !== undefined && { body: asked.body }),
        },
      },
      context_extensions: { route: 'api' },
    },
  }
}
