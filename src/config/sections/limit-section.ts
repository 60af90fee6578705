import Type, { type Static, type TObject, type TOptional, type TString } from 'typebox'
import { listOf, oneOrMore, text } from '../document/words.ts'
import { bytes, milliseconds, type Reading, type Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { LimitAmounts, LimitConfig, LimitTierConfig } from '../types/limit-config.ts'
import { parseQuota } from '../values/parse-quota.ts'
import { parseRate } from '../values/parse-rate.ts'

const selector =
  'Selectors: `*`, an operationId, `tag:NAME`, `METHOD /path/template`, `/path/prefix/**`, `schema:NAME`, or a list. One that selects nothing is an error.'

const rate = (description: string, examples: string[]): TOptional<TString> =>
  Type.Optional(Type.String({ format: 'rate', description, examples }))

const amounts = {
  rate: rate('Calls in a time, refilled evenly (token bucket); then 429.', ['100/min', '5/s', '20/10s']),
  burst: Type.Optional(
    Type.Integer({
      minimum: 1,
      description:
        'How many of `rate` or `throttle` may come at once. By default as many as `rate` says, and one of `throttle`.',
    }),
  ),
  window: rate('Calls within any such time, as it slides; then 429.', ['100/min']),
  quota: Type.Optional(
    Type.String({
      format: 'quota',
      description:
        'Calls in a calendar `hour`, `day`, `week` (from Monday) or `month`, UTC; then 429. What was spent outlives a restart.',
      examples: ['10000/day', '500000/month'],
    }),
  ),
  concurrent: Type.Optional(
    Type.Integer({ minimum: 1, description: 'Calls at once; then 503.', examples: [5] }),
  ),
  throttle: rate('Calls in a time, spread evenly: those that come too early wait for their turn.', ['10/s']),
}

const tier = shape('Other numbers for some callers.', {
  when: text('CEL expression over the call; the first tier that holds counts.', {
    examples: ["caller.claims.plan == 'gold'", "caller.client == 'partner'"],
  }),
  ...amounts,
})

const cost = shape('What a call costs.', {
  calls: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1 }), Type.String({ minLength: 1 })], {
      description: 'A number, or a CEL expression over the call. 1 by default.',
    }),
  ),
  reply: Type.Optional(
    Type.Union([Type.String({ format: 'size' }), Type.Integer({ minimum: 1 })], {
      description: 'Bytes of a reply that cost 1, charged when it has left, where that is more than `calls`.',
      examples: ['10KiB'],
    }),
  ),
})

const limitRule = shape('A budget of calls.', {
  for: oneOrMore(selector),
  name: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$',
      description: 'Name in `RateLimit` fields, metrics and records; made from `for` by default.',
    }),
  ),
  per: oneOrMore(
    'Whose budget: `caller`, `client`, `ip` (IPv6 by /64), `credential`, `api`, a field such as `body.username`, or a list: one budget for each combination.',
  ),
  methods: Type.Optional(
    Type.Enum(['safe', 'unsafe'] as ('safe' | 'unsafe')[], {
      description: 'Only GET, HEAD and OPTIONS, or only the others.',
    }),
  ),
  ...amounts,
  queue: Type.Optional(
    Type.Integer({
      minimum: 1,
      description:
        'How many calls of one key wait at most; then 429. Callers that share a key take turns. By default as many as `throttle` says.',
    }),
  ),
  delay: Type.Optional(
    Type.String({
      format: 'duration',
      description: 'How long a call waits at most; then 429. 10s by default.',
    }),
  ),
  cost: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1 }), Type.String({ minLength: 1 }), cost], {
      description:
        'What a call takes from the budget: a number, a CEL expression over the call such as `size(body.items)`, or settings. What the expression cannot tell costs as much as the budget holds.',
    }),
  ),
  tiers: Type.Optional(
    Type.Array(tier, {
      minItems: 1,
      maxItems: 32,
      description: 'Other numbers for some callers. It stays one budget, whichever tier a call is in.',
    }),
  ),
  failures: Type.Optional(
    Type.Union([Type.Boolean(), Type.Array(Type.Integer({ minimum: 400, maximum: 599 }), { minItems: 1 })], {
      description:
        'Count only failed authentications: calls that end with one of these statuses. `true` is 401. Keys that need no caller (`ip`, `credential`) also count tokens and keys that the gateway refuses.',
    }),
  ),
  lock: Type.Optional(
    Type.String({
      format: 'duration',
      description:
        'How long the key is locked once its budget is spent; `sallyport locks clear` opens it. Outlives a restart.',
    }),
  ),
  mode: Type.Optional(
    Type.Enum(['enforce', 'observe', 'off'] as ('enforce' | 'observe' | 'off')[], {
      description: 'How this limit acts, where it differs from the control `limit`.',
    }),
  ),
  onFault: Type.Optional(
    Type.Enum(['local', 'deny', 'allow'] as ('local' | 'deny' | 'allow')[], {
      description:
        'What a store that does not answer means: `local` (default), each process counts by itself; `deny`; or `allow`, an open door.',
    }),
  ),
})

/** One limit, for other places where rules are written. */
export const limitShape: TObject = limitRule

const limits = Type.Array(limitRule, {
  description: 'Limits. Every one that selects an operation must have budget left.',
  default: [],
})

export const limitsSection: Section<readonly LimitConfig[]> = {
  schema: limits,
  read: (raw, pointer, reading) =>
    (raw as Static<typeof limits>).map((rule, index) => {
      const at = `${pointer}/${index}`
      const own = amountsOf(rule)
      const tiers = (rule.tiers ?? []).map((entry, i) => readTier(entry, own, `${at}/tiers/${i}`, reading))
      checkAmounts(rule, own, at, reading)
      return {
        ...own,
        for: listOf(rule.for),
        name: rule.name,
        per: listOf(rule.per),
        methods: rule.methods,
        queue: rule.queue,
        delay: rule.delay === undefined ? 10_000 : milliseconds(rule.delay),
        cost: readCost(rule.cost),
        tiers,
        failures: rule.failures === true ? [401] : rule.failures === false ? undefined : rule.failures,
        lock: rule.lock === undefined ? undefined : milliseconds(rule.lock),
        mode: rule.mode,
        onFault: rule.onFault ?? 'local',
        pointer: at,
      }
    }),
}

type RawAmounts = Pick<
  Static<typeof limitRule>,
  'rate' | 'burst' | 'window' | 'quota' | 'concurrent' | 'throttle'
>

/** Tiers without `burst` of their own have that of no other: it follows from their rate. */
function amountsOf(raw: RawAmounts): LimitAmounts {
  const rate = raw.rate === undefined ? undefined : parseRate(raw.rate)
  const throttle = raw.throttle === undefined ? undefined : parseRate(raw.throttle)
  const window = raw.window === undefined ? undefined : parseRate(raw.window)
  return {
    rate: rate === undefined ? undefined : { ...rate, burst: raw.burst ?? rate.rate },
    throttle: throttle === undefined ? undefined : { ...throttle, burst: raw.burst ?? 1 },
    window: window === undefined ? undefined : { quota: window.rate, windowMs: window.windowMs },
    quota: raw.quota === undefined ? undefined : parseQuota(raw.quota),
    concurrent: raw.concurrent,
  }
}

function readTier(
  raw: RawAmounts & { readonly when: string },
  rule: LimitAmounts,
  pointer: string,
  reading: Reading,
): LimitTierConfig {
  const own = amountsOf(raw)
  const kinds = Object.entries(own).flatMap(([kind, value]) => (value === undefined ? [] : [kind]))
  const strange = kinds.find((kind) => rule[kind as keyof LimitAmounts] === undefined)
  if (kinds.length === 0 || strange !== undefined)
    reading.error(
      pointer,
      'config.limit-rule',
      strange === undefined
        ? 'a tier says how many: it has nothing but `when`'
        : `a tier has \`${strange}\`, which the limit itself has not`,
      'write the same kind of number in both',
    )
  return { ...own, when: raw.when, pointer }
}

function readCost(raw: Static<typeof limitRule>['cost']): LimitConfig['cost'] {
  if (raw === undefined) return undefined
  if (typeof raw !== 'object') return { calls: raw, reply: undefined }
  return { calls: raw.calls ?? 1, reply: raw.reply === undefined ? undefined : bytes(raw.reply) }
}

function checkAmounts(rule: Static<typeof limitRule>, own: LimitAmounts, at: string, reading: Reading): void {
  const complain = (message: string, fix: string): void =>
    reading.error(at, 'config.limit-rule', message, fix)
  const counted = own.rate ?? own.window ?? own.quota
  if (counted === undefined && own.concurrent === undefined && own.throttle === undefined)
    complain('a limit needs a `rate`, `window`, `quota`, `concurrent` or `throttle`', 'write `rate: 100/min`')
  if (own.throttle === undefined && (rule.queue ?? rule.delay) !== undefined)
    complain('`queue` and `delay` are for `throttle`: nothing waits here', 'write `throttle: 10/s`')
  if (own.rate === undefined && own.throttle === undefined && rule.burst !== undefined)
    complain('`burst` is for `rate` and `throttle`', 'remove it')
  if (counted === undefined && rule.lock !== undefined)
    complain('`lock` needs a budget that can be spent', 'write `rate: 5/min`')
  if (rule.failures !== undefined && rule.failures !== false) {
    if (counted === undefined || (own.concurrent ?? own.throttle) !== undefined)
      complain('`failures` are counted in a `rate`, `window` or `quota` alone', 'write `rate: 5/15min`')
    if (rule.cost !== undefined) complain('a failure counts once: `cost` says nothing here', 'remove it')
  }
}
