import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startClient } from '../../examples/travel/client/start-client.ts'
import { createDevKeys, readSigningKey } from '../../examples/travel/dev-keys.ts'
import { signSceneTokens } from '../../examples/travel/dev-tokens.ts'
import { canary, type Scene } from '../../examples/travel/scene.ts'
import { startUpstream } from '../../examples/travel/upstream/start-upstream.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { startGateway } from './gateway-process.ts'
import { type SeededPerson, seedTravel } from './seed.ts'

export interface TravelOptions {
  /** Configuration of the gateway; its addresses are fixed ones, and its authorization server is on. */
  readonly config: string
  /** Folder of the development keys that the configuration names. */
  readonly keys: string
  /** Where the configuration lets the gateway and its operator's address listen. */
  readonly gate: string
  readonly admin: string
  /** Port of the upstream that the configuration names. */
  readonly upstreamPort: number
  /** Port of the client's page; 0 lets the kernel choose. */
  readonly clientPort: number
  /** Each line of the gateway's output: audit events. */
  readonly onLine: (line: string) => void
}

/** The example: upstream, gateway with authorization server, a client for browsers. */
export interface RunningTravel {
  readonly scene: Scene
  readonly people: readonly SeededPerson[]
  readonly upstreamUrl: string
  readonly clientUrl: string
  /** Resolves with the gateway's exit code when it ends by itself. */
  readonly ended: Promise<number>
  close(): Promise<void>
}

/** Starts all of it; closes what has started where something does not. */
export async function runTravel(options: TravelOptions): Promise<RunningTravel> {
  const closing: (() => Promise<void> | void)[] = []
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step()
  }
  try {
    const keys = await createDevKeys(options.keys)
    const upstream = await startUpstream({ port: options.upstreamPort })
    closing.push(upstream.close)
    const internal = createServer((_request, response) => response.end(canary))
    await new Promise<void>((resolve) => internal.listen(0, '127.0.0.1', resolve))
    closing.push(() => void internal.close())

    const { config } = loadConfig(options.config, process.env)
    const issuer = config.authority?.issuer ?? ''
    const client = await startClient({ port: options.clientPort, issuer, api: options.gate })
    closing.push(client.close)
    const people = await seedTravel(config, client.url)
    const gateway = await startGateway(options.config, `${options.admin}/readyz`, options.onLine)
    closing.push(gateway.stop)
    return {
      scene: {
        tokens: await signSceneTokens(readSigningKey(keys.signingKey)),
        internal: `http://127.0.0.1:${(internal.address() as AddressInfo).port}/`,
      },
      people,
      upstreamUrl: upstream.url,
      clientUrl: client.url,
      ended: gateway.ended,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
