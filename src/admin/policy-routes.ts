import Type, { type Static } from 'typebox'
import type { DryRunReply, PolicyCheckReply, PolicyReply, PolicyVersion, PromotionReply } from './contract.ts'
import type { RouteModule, RouteReply } from './route.ts'

/** What is told of the policy file, and done to it. */
export interface PolicySource {
  current(): PolicyReply
  check(text: string): Promise<PolicyCheckReply>
  /** Undefined where another one is under way. */
  dryRun(text: string): Promise<DryRunReply | undefined>
  /**
   * Puts a text in the place of the file, if that is still what `etag` names. `changed`: it is not; `faulty`: the text
   * has errors; `fixed`: the file cannot be written.
   */
  replace(
    text: string,
    etag: string,
    by: string,
    note: string,
  ): Promise<PolicyReply | 'changed' | 'fixed' | { readonly faulty: PolicyCheckReply }>
  /** Newest first. */
  history(): readonly PolicyVersion[]
  /** The text of a version; undefined where there is none. */
  version(version: number): string | undefined
  /** Undefined where another one is under way. */
  promotion(): Promise<readonly PromotionReply[] | undefined>
  schema(): unknown
}

const maxText = 1024 * 1024
const textBody = Type.Object({ text: Type.String({ maxLength: maxText }) }, { additionalProperties: false })
const replaceBody = Type.Object(
  {
    text: Type.String({ maxLength: maxText }),
    note: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
)
const rollbackBody = Type.Object(
  { version: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }) },
  { additionalProperties: false },
)
const object = { type: 'object' } as const
const maxBody = 2 * maxText

/**
 * The configuration file: read, checked, tried on recorded calls, changed, taken back. It may hold secrets in plain text,
 * so that administrators alone read it. A change names what it replaces (`If-Match`), so that nobody overwrites unseen.
 */
export function createPolicyRoutes(source: PolicySource): RouteModule {
  const replace = async (
    text: string,
    etag: string | undefined,
    by: string,
    note: string,
  ): Promise<RouteReply> => {
    if (etag === undefined) return { refused: 'ADMIN_CONDITION' }
    const done = await source.replace(text, etag, by, note)
    if (done === 'changed') return { refused: 'ADMIN_CHANGED' }
    if (done === 'fixed') return { refused: 'ADMIN_CONFLICT' }
    if ('faulty' in done) return { status: 422, json: done.faulty }
    return { status: 200, json: done, headers: { ETag: done.etag } }
  }
  const target = (): { readonly type: string; readonly id: string } => ({
    type: 'policy',
    id: source.current().file,
  })
  return {
    routes: [
      {
        path: '/api/v1/policy',
        operationId: 'getPolicy',
        summary: 'The configuration file as it is written',
        role: 'administrator',
        reply: object,
        answer() {
          const current = source.current()
          return { status: 200, json: current, headers: { ETag: current.etag } }
        },
      },
      {
        method: 'PUT',
        path: '/api/v1/policy',
        operationId: 'replacePolicy',
        summary: 'Puts another text in the place of the file; the gateway reloads it',
        body: replaceBody,
        maxBody,
        reply: object,
        also: {
          409: 'The file cannot be written',
          412: 'It has changed since it was read',
          422: 'The text has errors; nothing was changed',
          428: '`If-Match` is missing',
        },
        target,
        answer({ body, header, visitor }) {
          const { text, note } = body as Static<typeof replaceBody>
          return replace(text, header('if-match'), visitor?.name ?? '', note ?? '')
        },
      },
      {
        method: 'POST',
        path: '/api/v1/policy/check',
        operationId: 'checkPolicy',
        summary: 'What `sallyport check` says of a text',
        body: textBody,
        maxBody,
        reply: object,
        target,
        answer: async ({ body }) => ({
          status: 200,
          json: await source.check((body as Static<typeof textBody>).text),
        }),
      },
      {
        method: 'POST',
        path: '/api/v1/policy/dry-run',
        operationId: 'tryPolicy',
        summary: 'What a text would have decided otherwise on the calls of the last 24 hours',
        body: textBody,
        maxBody,
        reply: object,
        target,
        async answer({ body }) {
          const report = await source.dryRun((body as Static<typeof textBody>).text)
          return report === undefined ? { refused: 'ADMIN_BUSY' } : { status: 200, json: report }
        },
      },
      {
        path: '/api/v1/policy/history',
        operationId: 'listPolicyVersions',
        summary: 'What was in the file, newest first',
        reply: object,
        answer: () => ({ status: 200, json: { items: source.history() } }),
      },
      {
        path: '/api/v1/policy/history/{version}',
        operationId: 'getPolicyVersion',
        summary: 'The text of a version',
        role: 'administrator',
        reply: object,
        answer({ id }) {
          const text = /^\d{1,9}$/.test(id) ? source.version(Number(id)) : undefined
          return text === undefined ? undefined : { status: 200, json: { version: Number(id), text } }
        },
      },
      {
        method: 'POST',
        path: '/api/v1/policy/rollback',
        operationId: 'rollBackPolicy',
        summary: 'Puts an earlier version in the place of the file',
        body: rollbackBody,
        reply: object,
        also: {
          409: 'The file cannot be written',
          412: 'It has changed since it was read',
          422: 'It has errors by now',
        },
        target,
        async answer({ body, header, visitor }) {
          const { version } = body as Static<typeof rollbackBody>
          const text = source.version(version)
          if (text === undefined) return undefined
          return replace(text, header('if-match'), visitor?.name ?? '', `back to version ${version}`)
        },
      },
      {
        path: '/api/v1/policy/promotion',
        operationId: 'adviseOnPromotion',
        summary:
          'Checks that only watch: what they would have refused in seven days, and whether they can enforce',
        reply: object,
        async answer() {
          const items = await source.promotion()
          return items === undefined ? { refused: 'ADMIN_BUSY' } : { status: 200, json: { items } }
        },
      },
      {
        path: '/api/v1/policy/schema',
        operationId: 'getPolicySchema',
        summary: 'JSON Schema of the file, for completion',
        reply: object,
        answer: () => ({ status: 200, json: source.schema() }),
      },
    ],
  }
}
