import { skeletonOf, toolDigest } from './tool-digest.ts'

/** What is known of one tool. */
export interface ToolPin {
  /** Digest of the version that agents may see. */
  readonly approved: string
  /** Digest of another version that the server offers now: the tool is in quarantine until it is approved or gone again. */
  readonly offered: string | undefined
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** Where pins are kept. */
export interface PinStore {
  read(): Readonly<Record<string, Readonly<Record<string, ToolPin>>>>
  write(pins: Readonly<Record<string, Readonly<Record<string, ToolPin>>>>): void
}

/** Tools of all servers, pinned at first sight. */
export interface ToolPins {
  /**
   * Tells what a server offers now. Returns the names of tools that are not what was approved: those are in quarantine, and
   * those that look like a tool of another server.
   */
  offered(
    server: string,
    tools: readonly Readonly<Record<string, unknown>>[],
    now: number,
  ): {
    readonly drifted: readonly string[]
    readonly fresh: readonly string[]
    readonly alike: readonly string[]
  }
  /** True where a tool may not be called. */
  isQuarantined(server: string, tool: string): boolean
}

/** Most tools of one server that are remembered. */
const mostTools = 1_000

export function createToolPins(store: PinStore): ToolPins {
  const pins = new Map(
    Object.entries(store.read()).map(([server, tools]) => [server, new Map(Object.entries(tools))]),
  )

  function save(): void {
    store.write(Object.fromEntries([...pins].map(([server, tools]) => [server, Object.fromEntries(tools)])))
  }

  return {
    offered(server, tools, now) {
      // What somebody approved meanwhile, by the command.
      for (const [name, stored] of Object.entries(store.read()[server] ?? {}))
        pins.get(server)?.set(name, stored)
      const known = pins.get(server) ?? new Map<string, ToolPin>()
      pins.set(server, known)
      const drifted: string[] = []
      const fresh: string[] = []
      const alike: string[] = []
      let changed = false
      for (const tool of tools) {
        const name = String(tool['name'] ?? '')
        const digest = toolDigest(tool)
        const pin = known.get(name)
        if (pin === undefined) {
          if (known.size >= mostTools) {
            drifted.push(name)
            continue
          }
          known.set(name, { approved: digest, offered: undefined, since: now })
          fresh.push(name)
          changed = true
          const skeleton = skeletonOf(name)
          for (const [other, theirs] of pins)
            if (other !== server && [...theirs.keys()].some((one) => skeletonOf(one) === skeleton))
              alike.push(name)
        } else if (pin.approved === digest) {
          if (pin.offered !== undefined) {
            known.set(name, { ...pin, offered: undefined })
            changed = true
          }
        } else {
          drifted.push(name)
          if (pin.offered !== digest) {
            known.set(name, { ...pin, offered: digest, since: now })
            changed = true
          }
        }
      }
      if (changed) save()
      return { drifted, fresh, alike }
    },
    isQuarantined: (server, tool) => pins.get(server)?.get(tool)?.offered !== undefined,
  }
}
