import Type, { type Static } from 'typebox'
import { duration, listOf, oneOrMore } from '../document/words.ts'
import { milliseconds, type Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { OverloadConfig, PriorityConfig } from '../types/gateway-config.ts'

const percent = (description: string, byDefault: number) =>
  Type.Integer({ minimum: 1, maximum: 100, description, default: byDefault })

const concurrency = shape(
  'How many calls an upstream gets at once. The gateway learns it from reply times.',
  {
    least: Type.Integer({ minimum: 1, description: 'Fewest calls at once.', default: 8 }),
    tolerance: Type.Number({
      minimum: 1.1,
      maximum: 100,
      description: 'How many times its usual time a reply may take before calls are held back.',
      default: 2,
    }),
  },
)

const breaker = shape('When an upstream that fails is left alone.', {
  failures: percent('Percent of calls that failed (unreachable, too slow, malformed, 502 to 504).', 50),
  calls: Type.Integer({
    minimum: 1,
    description: 'Fewer calls than this in ten seconds say nothing.',
    default: 20,
  }),
  open: duration('Until it is tried again; doubled each time that it still fails, up to a minute.', '5s'),
  probes: Type.Integer({
    minimum: 1,
    maximum: 100,
    description: 'Calls that try it; all must succeed.',
    default: 3,
  }),
})

const overload = shape('What happens when there is more to do than can be done.', {
  mode: Type.Enum(['enforce', 'observe', 'off'] as ('enforce' | 'observe' | 'off')[], {
    description: '`observe` only counts what would be refused.',
    default: 'enforce',
  }),
  eventLoop: duration('How late the event loop may be before calls are refused.', '250ms'),
  memory: percent('Percent of the memory that the process may use; beyond it only critical calls pass.', 90),
  waiting: Type.Integer({
    minimum: 1,
    maximum: 100_000,
    description: 'Calls that wait for one upstream at most. Important ones go first, callers take turns.',
    default: 256,
  }),
  wait: duration('How long they wait at most; then 503.', '1s'),
  concurrency: { ...concurrency, default: {} } as typeof concurrency,
  breaker: Type.Union([breaker, Type.Literal(false)], {
    description: 'When an upstream that fails is left alone; `false`: never.',
    default: {},
  }),
  retries: Type.Integer({
    minimum: 0,
    maximum: 100,
    description: 'Percent of calls that may be sent to an upstream once more. Only idempotent ones are.',
    default: 10,
  }),
})

/** `overload`. */
export const overloadSection: Section<OverloadConfig> = {
  schema: { ...overload, default: {} },
  read(raw) {
    const entry = raw as Static<typeof overload>
    return {
      mode: entry.mode,
      eventLoop: milliseconds(entry.eventLoop),
      memory: entry.memory / 100,
      waiting: entry.waiting,
      wait: milliseconds(entry.wait),
      concurrency: entry.concurrency,
      breaker:
        entry.breaker === false
          ? undefined
          : {
              failures: entry.breaker.failures / 100,
              calls: entry.breaker.calls,
              open: milliseconds(entry.breaker.open),
              probes: entry.breaker.probes,
            },
      retries: entry.retries / 100,
    }
  },
}

const classes = ['critical', 'normal', 'low'] as ('critical' | 'normal' | 'low')[]

const priority = Type.Array(
  shape('How much some operations matter.', {
    for: oneOrMore('Selectors of operations.'),
    class: Type.Enum(classes, { description: '`critical` is refused last, `low` first.' }),
  }),
  {
    description:
      'How much operations matter when not all calls can be served; the last rule that selects one counts. By default what looks like signing in or a health check is `critical`, everything else `normal`.',
    default: [],
  },
)

/** `apis.NAME.priority`. */
export const prioritySection: Section<readonly PriorityConfig[]> = {
  schema: priority,
  read: (raw, pointer) =>
    (raw as Static<typeof priority>).map((rule, index) => ({
      for: listOf(rule.for),
      class: rule.class,
      pointer: `${pointer}/${index}`,
    })),
}
