import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from 'pg'
import type { ChaosSite } from './chaos-site.ts'

/** Something that breaks, and how it is whole again. */
export interface Fault {
  readonly name: string
  readonly needs: readonly ('redis' | 'postgres' | 'small-disk' | 'workers')[]
  inject(site: ChaosSite): unknown
  heal(site: ChaosSite): unknown
  /** The gateway itself dies: what it had not yet written is lost. */
  readonly fatal?: boolean
  /** A part of it dies, which it replaces itself: what that part had not yet handed over is lost. */
  readonly partly?: true
  /** Resolves when the gateway is whole again by itself. */
  mended?(site: ChaosSite): Promise<void>
  /** It cannot write audit events to one of their places meanwhile. */
  readonly unwritten?: boolean
}

const hour = 3_600_000
let slowing: NodeJS.Timeout | undefined
let deathsBefore = 0

export const faults: readonly Fault[] = [
  {
    name: 'gateway killed',
    needs: [],
    fatal: true,
    inject: (site) => site.gateway.kill(),
    // It is started again by who looks after it.
    heal: () => undefined,
  },
  {
    name: 'gateway held still',
    needs: [],
    inject: (site) => site.gateway.signal('SIGSTOP'),
    heal: (site) => site.gateway.signal('SIGCONT'),
  },
  {
    name: 'upstream killed',
    needs: [],
    inject: (site) => site.upstream.kill(),
    heal: (site) => site.upstream.start(),
  },
  {
    name: 'upstream held still',
    needs: [],
    inject: (site) => site.upstream.signal('SIGSTOP'),
    heal: (site) => site.upstream.signal('SIGCONT'),
  },
  ...(['slow', 'reset', 'broken'] as const).map((mode) => ({
    name: { slow: 'upstream slow', reset: 'upstream resets', broken: 'upstream breaks replies off' }[mode],
    needs: [],
    inject: (site: ChaosSite) => site.upstream.mode(mode),
    heal: (site: ChaosSite) => site.upstream.mode('good'),
  })),
  {
    name: 'Redis killed',
    needs: ['redis'],
    inject: (site) => site.redis?.kill(),
    heal: (site) => site.redis?.start(),
  },
  {
    name: 'Redis held still',
    needs: ['redis'],
    inject: (site) => site.redis?.pause(),
    heal: (site) => site.redis?.resume(),
  },
  {
    name: 'Redis resets',
    needs: ['redis'],
    inject: (site) => site.redis?.command('client', 'kill', 'type', 'normal'),
    heal: () => undefined,
  },
  {
    name: 'Redis slow',
    needs: ['redis'],
    inject(site) {
      // Three quarters of the time it answers nobody, never for as long as it takes to be lost.
      slowing = setInterval(() => {
        site.redis?.command('client', 'pause', '150', 'all').catch(() => undefined)
      }, 200)
    },
    heal: () => clearInterval(slowing),
  },
  {
    name: 'Redis and gateway killed',
    needs: ['redis'],
    fatal: true,
    async inject(site) {
      await site.redis?.kill()
      site.gateway.kill()
    },
    heal: (site) => site.redis?.start(),
  },
  {
    name: 'PostgreSQL killed',
    needs: ['postgres'],
    inject: (site) => site.postgres?.kill(),
    heal: (site) => site.postgres?.start(),
  },
  {
    name: 'PostgreSQL resets',
    needs: ['postgres'],
    inject: (site) => sendAway(site.postgres?.url() ?? ''),
    heal: (site) => sendAway(site.postgres?.url() ?? ''),
  },
  {
    name: 'PostgreSQL held still',
    needs: ['postgres'],
    inject: (site) => site.postgres?.pause(),
    heal: (site) => site.postgres?.resume(),
  },
  ...(['terminate', 'exit', 'throw'] as const).map(
    (how): Fault => ({
      name: { terminate: 'worker terminated', exit: 'worker exits', throw: 'worker throws' }[how],
      needs: ['workers'],
      // One that throws ends in good order.
      ...(how !== 'throw' && { partly: true }),
      async inject(site) {
        deathsBefore = await site.metric('sallyport_worker_deaths_total')
        site.breakThread(how)
      },
      async mended(site) {
        const end = performance.now() + 60_000
        while (
          performance.now() < end &&
          ((await site.metric('sallyport_worker_deaths_total')) === deathsBefore ||
            (await site.metric('sallyport_workers')) < 2)
        )
          await wait(20)
      },
      heal: () => undefined,
    }),
  ),
  {
    name: 'writer of events ends',
    needs: ['workers'],
    unwritten: true,
    inject: (site) => site.breakThread('events'),
    heal: () => undefined,
  },
  {
    name: 'key server lost',
    needs: [],
    inject: (site) => site.keys.stop(),
    heal: (site) => site.keys.start(),
  },
  {
    name: 'key server and gateway lost',
    needs: [],
    fatal: true,
    async inject(site) {
      await site.keys.stop()
      site.gateway.kill()
    },
    heal: (site) => site.keys.start(),
  },
  {
    name: 'clock an hour ahead',
    needs: [],
    inject: (site) => site.moveClock(hour),
    heal: (site) => site.moveClock(0),
  },
  {
    name: 'clock an hour back',
    needs: [],
    inject: (site) => site.moveClock(-hour),
    heal: (site) => site.moveClock(0),
  },
  {
    name: 'disk of the audit log full',
    needs: ['small-disk'],
    unwritten: true,
    inject: (site) => fill(dirname(site.logFile)),
    heal: (site) => rmSync(join(dirname(site.logFile), 'filler'), { force: true }),
  },
]

/** Takes all room of a small disk, to the last byte. */
function fill(folder: string): void {
  const { bavail, bsize } = statfsSync(folder)
  try {
    writeFileSync(join(folder, 'filler'), Buffer.alloc((bavail + 16) * bsize, 1))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

/** Ends every other connection of the server. */
async function sendAway(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()')
  await client.end()
}
