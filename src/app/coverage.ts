import type { Operation } from '../kernel/operation.ts'
import type { OperationGuards } from '../stages/authorize/compile-plan.ts'
import { type CoverageCell, type CoverageRow, type CoverageTable, coverageColumns } from './coverage-table.ts'
import { withObjectLines } from './object-lines.ts'
import { rankOpen } from './open-operations.ts'
import type { Policy, PolicyApi } from './policy.ts'

const open = (by: string): CoverageCell => ({ state: 'open', by })
const none = (by: string): CoverageCell => ({ state: 'none', by })

/** What is guarded, by which rule, and what is not. */
export function coverageOf(
  policy: Pick<Policy, 'loaded' | 'apis' | 'select'>,
  guards: ReadonlyMap<number, OperationGuards>,
): CoverageTable {
  const rows = policy.apis.flatMap((api) => {
    const limits = limitsBySlot(policy, api)
    return api.contract.operations.map((operation) => ({
      api: api.config.name,
      operation: operation.id,
      method: operation.method,
      template: api.basePath + operation.template,
      cells: cellsOf(api, operation, guards.get(operation.slot), limits.get(operation.slot) ?? 0),
    }))
  })
  return {
    columns: coverageColumns,
    rows,
    open: withObjectLines(rankOpen(rows, coverageColumns), policy.apis),
  }
}

/** Undeclared properties are removed unless that is switched off; what else is wrong may only be watched. */
function replyCell({ config }: PolicyApi): CoverageCell {
  const mode = config.controls['response-schema']
  if (mode === 'enforce') return { state: 'guarded', by: 'contract' }
  if (config.prune === 'enforce') return { state: 'guarded', by: 'undeclared removed' }
  return mode === 'observe' || config.prune === 'observe' ? { state: 'watched', by: 'contract' } : open('off')
}

function limitsBySlot(policy: Pick<Policy, 'select'>, api: PolicyApi): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const rule of api.config.limits)
    for (const { slot } of policy.select(api, rule.for, `${rule.pointer}/for`))
      counts.set(slot, (counts.get(slot) ?? 0) + 1)
  return counts
}

function cellsOf(
  api: PolicyApi,
  operation: Operation,
  guards: OperationGuards | undefined,
  limits: number,
): CoverageRow['cells'] {
  const { controls } = api.config
  const by = (control: keyof typeof controls, text: string): CoverageCell => {
    const mode = controls[control]
    if (mode === 'off') return open(`${control} is off`)
    return { state: mode === 'enforce' ? 'guarded' : 'watched', by: text }
  }
  const properties = (names: readonly string[]): CoverageCell =>
    names.length > 0 ? by('property', names.join(', ')) : none('no rule')
  const isPublic = operation.security.length === 0
  const scopes = [...new Set(operation.security.flatMap((all) => all.flatMap((use) => use.scopes)))]
  const ids = operation.parameters.filter((one) => one.in === 'path')
  const objects = guards?.objects ?? []
  return {
    authentication: isPublic
      ? open('declared public')
      : {
          state: 'guarded',
          by: [...new Set(operation.security.flatMap((all) => all.map((use) => use.scheme)))].join(', '),
        },
    scope: scopes.length > 0 ? by('scope', scopes.join(' ')) : isPublic ? none('public') : open('no scope'),
    function: (guards?.functions ?? 0) > 0 ? by('function', `${guards?.functions} rule(s)`) : none('no rule'),
    object:
      objects.length > 0
        ? watchedOnly(objects, by('object', objects.join(', ')))
        : ids.length > 0
          ? open('no rule')
          : none('no object'),
    'property-read': properties(guards?.reads ?? []),
    'property-write': properties(guards?.writes ?? []),
    limit: limits > 0 ? by('limit', `${limits} rule(s)`) : open('no limit'),
    validation: by('schema', 'contract'),
    reply: replyCell(api),
  }
}

/** A rule that only watches guards nothing yet. */
function watchedOnly(objects: readonly string[], cell: CoverageCell): CoverageCell {
  return cell.state === 'guarded' && objects.every((name) => name.endsWith(' (watched)'))
    ? { ...cell, state: 'watched' }
    : cell
}
