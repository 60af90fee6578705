import { compileExpression } from '../../expression/compile-expression.ts'
import { type Expression, phaseOf } from '../../expression/expression.ts'
import { type Failure, isFailure } from '../../expression/failure.ts'
import type { Scene } from '../../expression/scene.ts'
import type { Identified } from '../../kernel/facts.ts'
import { type Place, Unusable } from '../../kernel/finding.ts'
import type { Mode } from '../../kernel/mode.ts'
import type { Operation } from '../../kernel/operation.ts'
import { allow, type Denial, deny } from '../../kernel/verdict.ts'
import { type Check, maxRecordedObjects } from './check.ts'
import { compileIdSource } from './id-source.ts'
import { operationVariables } from './operation-variables.ts'
import type { ObjectRule } from './options.ts'

const check = 'authorize.object'

function unusable(rule: ObjectRule, place: Place, message: string, name: string): Unusable {
  return new Unusable([
    { rule: name, severity: 'error', message: `object "${rule.name}": ${message}`, place },
  ])
}

/**
 * An object rule declared over the request, for one operation (OWASP API1:2023, ASVS 8.2.2): every id that the
 * call names must belong to the caller, compared as text with no folding, or `allow` must let the caller in; one
 * foreign id refuses all with `AUTHORIZE_OBJECT`. `0123`, `123.0`, a space or another case is another object.
 * Throws `Unusable`.
 */
export function compileObjectRule(rule: ObjectRule, operation: Operation, mode: Mode): Check {
  const placeOf = (key: 'id' | 'owner' | 'allow' | 'subject'): Place => rule.at?.[key] ?? rule.place
  const compile = (key: 'owner' | 'allow' | 'subject', source: string): Expression => {
    const expression = compileExpression(source, {
      place: placeOf(key),
      variables: { ...operationVariables(operation, key === 'allow'), response: 'any' },
      expects: key === 'allow' ? 'bool' : 'string',
    })
    if (phaseOf(expression) === 'reply')
      throw unusable(
        rule,
        placeOf(key),
        `"${key}" reads the reply, which is not yet supported`,
        'config.not-supported',
      )
    return expression
  }
  if (rule.owner === undefined && rule.allow === undefined)
    throw unusable(rule, rule.place, 'needs "owner" or "allow"', 'config.invalid')

  const source = compileIdSource(rule.id, operation, placeOf('id'))
  const ownerIsId = rule.owner?.trim() === rule.id.trim()
  const owner = rule.owner === undefined || ownerIsId ? undefined : compile('owner', rule.owner)
  const exception = rule.allow === undefined ? undefined : compile('allow', rule.allow)
  const subject = rule.subject === undefined ? undefined : compile('subject', rule.subject)
  const late = [owner, exception, subject].some((part) => part !== undefined && phaseOf(part) !== 'head')

  const refusal: Denial = deny('AUTHORIZE_OBJECT', check, `the caller does not own the ${rule.name}`)
  const failed = (failure: Failure): Denial =>
    deny('AUTHORIZE_OBJECT', check, `the ${rule.name} could not be told: ${failure.reason}`)

  const ownerOf = (call: Identified, scene: Scene, id: string): string | Failure | undefined =>
    ownerIsId ? id : owner?.text(call, scene)

  const isOwner = (call: Identified, scene: Scene, whose: string | Failure | undefined): boolean => {
    if (typeof whose !== 'string') return false
    if (rule.issuer !== undefined && call.principal.issuer !== rule.issuer) return false
    // An anonymous caller has an empty subject and owns nothing.
    const who = subject === undefined ? call.principal.sub : subject.text(call, scene)
    return who !== '' && who === whose
  }

  return {
    name: check,
    label: rule.name,
    mode: rule.mode ?? mode,
    phase: source.phase === 'input' || late ? 'input' : 'head',
    judge: (call, scene, objects) => {
      const ids: string[] = []
      const unreadable = source.read(call, scene, ids)
      if (unreadable !== undefined) return failed(unreadable)
      for (const id of ids) {
        if (objects.length < maxRecordedObjects) objects.push({ type: rule.name, id })
        const whose = ownerOf(call, scene, id)
        if (isOwner(call, scene, whose)) continue
        const known = { id, owner: isFailure(whose) ? undefined : whose }
        if (exception?.holds(call, { body: scene.body, object: known, response: undefined }) === true)
          continue
        return isFailure(whose) ? failed(whose) : refusal
      }
      return allow
    },
  }
}
