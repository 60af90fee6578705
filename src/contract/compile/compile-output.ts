import type { OutputContract, ReplyContract } from '../../kernel/operation.ts'
import { everyText } from '../../kernel/text-plan.ts'
import type { DeclaredMedia, DeclaredResponse } from '../declared.ts'
import { judge, noErrors } from '../judge/judge.ts'
import type { ObjectSchemas } from '../judge/object-schemas.ts'
import { compileRestrict } from '../judge/restrict.ts'
import type { Shapes } from '../judge/shapes.ts'
import { beginSteps } from '../judge/unit.ts'
import type { Validators } from '../judge/validators.ts'
import { concealValue, pruneValue } from '../judge/walk-shape.ts'
import { TooCostly } from '../pattern/pattern.ts'
import { compileTexts } from './compile-texts.ts'
import { compileMediaFind } from './media-range.ts'

const nothingRemoved: readonly string[] = Object.freeze([])

/** A reply that is declared to have no body. */
const bodiless: ReplyContract = {
  kind: 'binary',
  hasSchema: false,
  validate: () => noErrors,
  prune: () => nothingRemoved,
  restrict: () => undefined,
  conceal: () => false,
  texts: everyText,
  schema: undefined,
  places: () => undefined,
}

/** What replies are judged with. */
export interface ReplyJudges {
  readonly validators: Validators
  readonly shapes: Shapes
  readonly objects: ObjectSchemas
}

type Find = (mediaType: string | undefined) => ReplyContract | undefined

/** Compiles the responses of an operation: the exact status goes before `2XX`, that before `default`. */
export function compileOutput(responses: readonly DeclaredResponse[], judges: ReplyJudges): OutputContract {
  const byStatus = new Map<string, Find>()
  for (const { status, media } of responses) byStatus.set(status, compileFind(media, judges))
  const of = (status: number): Find | undefined =>
    byStatus.get(String(status)) ?? byStatus.get(`${Math.floor(status / 100)}XX`) ?? byStatus.get('default')
  return {
    find: (status, mediaType) => of(status)?.(mediaType),
    declares: (status) => of(status) !== undefined,
    successes: successesOf(responses, byStatus),
    errors: jsonOf(
      responses.filter(({ status }) => /^[45]/.test(status)),
      byStatus,
    ),
  }
}

/** JSON replies of every 2xx that is declared; of `default` where none is. */
function successesOf(
  responses: readonly DeclaredResponse[],
  byStatus: ReadonlyMap<string, Find>,
): readonly ReplyContract[] {
  const declared = responses.filter(({ status }) => status.startsWith('2'))
  const chosen = declared.length > 0 ? declared : responses.filter(({ status }) => status === 'default')
  return jsonOf(chosen, byStatus)
}

function jsonOf(
  responses: readonly DeclaredResponse[],
  byStatus: ReadonlyMap<string, Find>,
): readonly ReplyContract[] {
  return responses.flatMap(({ status, media }) =>
    (media ?? []).flatMap(({ range }) => {
      const contract = byStatus.get(status)?.(range.includes('*') ? 'application/json' : range)
      return contract?.kind === 'json' ? [contract] : []
    }),
  )
}

function compileFind(
  media: readonly DeclaredMedia[] | undefined,
  { validators, shapes, objects }: ReplyJudges,
): Find {
  if (media === undefined || media.length === 0)
    return (mediaType) => (mediaType === undefined ? bodiless : undefined)
  const find = compileMediaFind(
    media.map((m) => m.range),
    (index, kind): ReplyContract => {
      const { schema } = media[index] as DeclaredMedia
      if (schema === undefined) return { ...bodiless, kind }
      const unit = validators.unit(schema, 'reply')
      let shape: ReturnType<Shapes['of']>
      let shaped = false
      return {
        kind,
        hasSchema: true,
        validate: (value) => judge(unit, value, ''),
        restrict: compileRestrict(schema, shapes),
        texts: compileTexts(schema, validators.store),
        conceal(value, exact) {
          if (!validators.store.sensitive) return false
          shape = shapes.of(schema)
          shaped = true
          if (shape === undefined) return false
          beginSteps(value)
          return concealValue(shape, value, exact)
        },
        schema: objects.nameOf(schema),
        places: (sought) => objects.places(schema, sought),
        prune(value, view, exact) {
          if (!shaped) {
            shape = shapes.of(schema)
            shaped = true
          }
          if (shape === undefined) return nothingRemoved
          try {
            beginSteps(value)
            return pruneValue(shape, value, view, exact)
          } catch (error) {
            // What cannot be judged may not leave; screen turns the fault into a refusal.
            if (error instanceof TooCostly) throw new Error('the reply takes too many steps to prune')
            throw error
          }
        },
      }
    },
  )
  return (mediaType) => (mediaType === undefined ? undefined : find(mediaType))
}
