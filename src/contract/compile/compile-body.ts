import type { QueryPair } from '../../kernel/facts.ts'
import type { BodyContract, DeclaredSizes, MediaContract, MediaKind } from '../../kernel/operation.ts'
import type { DeclaredBody, DeclaredMedia } from '../declared.ts'
import { compileRequestCheck, type RequestJudges } from '../judge/check-request.ts'
import { compileRestrict } from '../judge/restrict.ts'
import { declaredSizesOf } from '../schemas/declared-sizes.ts'
import { compileTexts } from './compile-texts.ts'
import { compileMediaFind } from './media-range.ts'
import { compileReadForm } from './read-form.ts'

const prefix = '/body'

/** Compiles the request body of an operation. */
export function compileBody(body: DeclaredBody, judges: RequestJudges): BodyContract {
  return {
    required: body.required,
    find: compileMediaFind(
      body.media.map((m) => m.range),
      (index, kind) => compileMedia(body.media[index] as DeclaredMedia, kind, judges),
    ),
  }
}

function compileMedia(media: DeclaredMedia, kind: MediaKind, judges: RequestJudges): MediaContract {
  const { range, schema } = media
  const validate = compileRequestCheck(schema, judges, prefix)
  const readForm = compileReadForm(media, judges.validators.store)
  const restrict = compileRestrict(schema, judges.shapes)
  let sizes: DeclaredSizes | undefined
  return {
    range,
    kind,
    hasSchema: schema !== undefined,
    texts: compileTexts(schema, judges.validators.store),
    // At first use: a schema may reach ten thousand others, and most operations are never called.
    get sizes() {
      sizes ??= declaredSizesOf(schema, judges.validators.store)
      return sizes
    },
    validate,
    restrict,
    readForm(pairs: readonly QueryPair[]) {
      const { value, errors } = readForm(pairs)
      return { value, errors: errors.length > 0 ? errors : validate(value) }
    },
  }
}
