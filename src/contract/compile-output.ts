import type { OutputContract, ReplyContract } from '../kernel/operation.ts'
import type { DeclaredMedia, DeclaredResponse } from './declared.ts'
import { judge, noErrors } from './judge.ts'
import { compileMediaFind } from './media-range.ts'
import { TooCostly } from './pattern.ts'
import type { Shapes } from './shapes.ts'
import { beginSteps } from './unit.ts'
import type { Validators } from './validators.ts'
import { pruneValue } from './walk-shape.ts'

const nothingRemoved: readonly string[] = Object.freeze([])

/** A reply that is declared to have no body. */
const bodiless: ReplyContract = {
  kind: 'binary',
  hasSchema: false,
  validate: () => noErrors,
  prune: () => nothingRemoved,
}

type Find = (mediaType: string | undefined) => ReplyContract | undefined

/** Compiles the responses of an operation: the exact status goes before `2XX`, that before `default`. */
export function compileOutput(
  responses: readonly DeclaredResponse[],
  validators: Validators,
  shapes: Shapes,
): OutputContract {
  const byStatus = new Map<string, Find>()
  for (const { status, media } of responses) byStatus.set(status, compileFind(media, validators, shapes))
  const of = (status: number): Find | undefined =>
    byStatus.get(String(status)) ?? byStatus.get(`${Math.floor(status / 100)}XX`) ?? byStatus.get('default')
  return {
    find: (status, mediaType) => of(status)?.(mediaType),
    declares: (status) => of(status) !== undefined,
  }
}

function compileFind(
  media: readonly DeclaredMedia[] | undefined,
  validators: Validators,
  shapes: Shapes,
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
        prune(value) {
          if (!shaped) {
            shape = shapes.of(schema)
            shaped = true
          }
          if (shape === undefined) return nothingRemoved
          try {
            beginSteps(value)
            return pruneValue(shape, value)
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
