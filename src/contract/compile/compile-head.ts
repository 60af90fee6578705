import type { Fields } from '../../kernel/fields.ts'
import type { Head } from '../../kernel/operation.ts'
import type { SchemaError } from '../../kernel/verdict.ts'
import type { DeclaredParameter } from '../declared.ts'
import type { RequestJudges } from '../judge/check-request.ts'
import { maxErrors, noErrors } from '../judge/judge.ts'
import { compileParameter, type ParameterCheck } from './compile-parameter.ts'
import { compileQuery } from './compile-query.ts'
import { refused } from './read-text.ts'

interface Plan {
  readonly name: string
  readonly required: boolean
  readonly check: ParameterCheck
}

/** OpenAPI 3.1 §4.8.12.2.1: these headers are declared elsewhere, a parameter of that name says nothing. */
const ignoredHeaders = new Set(['accept', 'content-type', 'authorization'])

/** Compiles the check of everything an operation declares about the head of its requests. */
export function compileHead(
  parameters: readonly DeclaredParameter[],
  credentials: ReadonlySet<string>,
  judges: RequestJudges,
): (head: Head) => readonly SchemaError[] {
  const plansOf = (place: DeclaredParameter['in']): Plan[] =>
    parameters
      .filter((p) => p.in === place && !(place === 'header' && ignoredHeaders.has(p.name.toLowerCase())))
      .map((p) => ({
        name: place === 'header' ? p.name.toLowerCase() : p.name,
        required: p.required,
        check: compileParameter(p, judges),
      }))
  const path = plansOf('path')
  const headers = plansOf('header')
  const cookies = plansOf('cookie')
  const query = compileQuery(
    parameters.filter((p) => p.in === 'query'),
    credentials,
    judges,
  )

  return (head) => {
    let errors: SchemaError[] | undefined
    for (let i = 0; i < path.length; i++) {
      const plan = path[i] as Plan
      errors = judged(plan, head.params[plan.name], errors)
    }
    if (head.pairs.length > 0 || query.required) {
      errors ??= []
      query.check(head.pairs, errors)
    }
    for (let i = 0; i < headers.length; i++) {
      const plan = headers[i] as Plan
      const text = fieldOf(head.fields, plan)
      errors = text === repeated ? added(errors, plan, 'repeated') : judged(plan, text, errors)
    }
    if (cookies.length > 0) {
      const jar = readCookies(head.fields)
      for (const plan of cookies) {
        const text = jar.get(plan.name)
        errors = text === repeated ? added(errors, plan, 'repeated') : judged(plan, text, errors)
      }
    }
    if (errors === undefined || errors.length === 0) return noErrors
    return errors.length > maxErrors ? errors.slice(0, maxErrors) : errors
  }
}

const repeated: unique symbol = Symbol('repeated')

function judged(
  plan: Plan,
  text: string | undefined,
  errors: SchemaError[] | undefined,
): SchemaError[] | undefined {
  if (text === undefined) return plan.required ? added(errors, plan, 'required') : errors
  const value = plan.check.read(text)
  if (value === refused) return added(errors, plan, plan.check.shape === 'object' ? 'malformed' : 'type')
  const found = plan.check.validate(value)
  if (found.length === 0) return errors
  return errors === undefined ? [...found] : [...errors, ...found]
}

function added(errors: SchemaError[] | undefined, plan: Plan, code: string): SchemaError[] {
  const error = { pointer: plan.check.pointer, code }
  return errors === undefined ? [error] : [...errors, error]
}

/** The text of a header; several fields are one list (RFC 9110 §5.3) where the parameter is a list. */
function fieldOf(fields: Fields, plan: Plan): string | undefined | typeof repeated {
  const { flat } = fields
  let text: string | undefined
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== plan.name) continue
    const value = flat[i + 1] as string
    if (text === undefined) text = value
    else if (plan.check.shape === 'list') text = `${text},${value}`
    else return repeated
  }
  return text
}

/** Cookie pairs by name (RFC 6265 §5.4); a name that comes twice is marked. */
function readCookies(fields: Fields): Map<string, string | typeof repeated> {
  const jar = new Map<string, string | typeof repeated>()
  const { flat } = fields
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== 'cookie') continue
    for (const part of (flat[i + 1] as string).split(';')) {
      const equals = part.indexOf('=')
      if (equals < 0) continue
      const name = part.slice(0, equals).trim()
      const value = part
        .slice(equals + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1')
      jar.set(name, jar.has(name) ? repeated : value)
    }
  }
  return jar
}
