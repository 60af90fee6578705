import type { Operation, SecurityScheme } from '../../kernel/operation.ts'
import type { DeclaredOperation } from '../declared.ts'
import { compileGuards } from '../judge/guarded.ts'
import { ObjectSchemas } from '../judge/object-schemas.ts'
import { Shapes } from '../judge/shapes.ts'
import type { Validators } from '../judge/validators.ts'
import { isObject, type Schema } from '../schema.ts'
import { compileBody } from './compile-body.ts'
import { compileHead } from './compile-head.ts'
import { compileOutput } from './compile-output.ts'
import { compileHeadTexts } from './compile-texts.ts'

interface OperationOptions {
  readonly api: string
  readonly firstSlot?: number
  /** Properties that rules guard, as `Schema.property`. */
  readonly guarded?: readonly string[]
}

/** Compiles what the document declares, in its order. */
export function compileOperations(
  declared: readonly DeclaredOperation[],
  options: OperationOptions,
  schemes: ReadonlyMap<string, SecurityScheme>,
  named: ReadonlyMap<string, Schema>,
  validators: Validators,
): Operation[] {
  const guarded = compileGuards(options.guarded ?? [], named, validators.store)
  const requests = { validators, shapes: new Shapes(validators, 'request', guarded) }
  const replies = {
    validators,
    shapes: new Shapes(validators, 'reply', guarded),
    objects: new ObjectSchemas(named, validators),
  }
  return declared.map((operation, i) => {
    const {
      id,
      method,
      template,
      tags,
      deprecated,
      security,
      extension,
      place,
      parameters,
      body,
      responses,
    } = operation
    return {
      slot: (options.firstSlot ?? 0) + i,
      api: options.api,
      id,
      method,
      template,
      tags,
      deprecated,
      parameters: parameters.map((p) => ({
        in: p.in,
        name: p.name,
        required: p.required,
        schema: isObject(p.schema) ? p.schema : undefined,
        place: p.place,
      })),
      security,
      securityDeclared: operation.securityDeclared,
      input: {
        head: compileHead(parameters, credentialsOf(operation, schemes), requests),
        body: body === undefined ? undefined : compileBody(body, requests),
        texts: compileHeadTexts(parameters, validators.store),
      },
      output: compileOutput(responses, replies),
      extension,
      place,
    }
  })
}

/** Query names that carry API keys of the operation's security schemes. */
function credentialsOf(
  operation: DeclaredOperation,
  schemes: ReadonlyMap<string, SecurityScheme>,
): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { scheme } of operation.security.flat()) {
    const declared = schemes.get(scheme)
    if (declared?.type === 'apiKey' && declared.in === 'query') names.add(declared.field)
  }
  return names
}
