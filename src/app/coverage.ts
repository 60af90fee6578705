import type { Operation } from '../kernel/operation.ts'
import type { OperationGuards } from '../stages/authorize/compile-plan.ts'
import type { ContentPlan } from '../stages/screen/context/options.ts'
import { contentPlansOf } from './content-plans.ts'
import { type CoverageCell, type CoverageRow, type CoverageTable, coverageColumns } from './coverage-table.ts'
import { withObjectLines } from './object-lines.ts'
import { rankOpen } from './open-operations.ts'
import type { Policy, PolicyApi } from './policy.ts'
import { type RulePlaces, rulePlacesOf } from './rule-places.ts'

const open = (by: string): CoverageCell => ({ state: 'open', by })
const none = (by: string): CoverageCell => ({ state: 'none', by })

/** What is guarded, by which rule, and what is not. */
export function coverageOf(
  policy: Pick<Policy, 'loaded' | 'apis' | 'select'>,
  guards: ReadonlyMap<number, OperationGuards>,
): CoverageTable {
  const content = contentPlansOf(policy, policy.apis)
  const rows = policy.apis.flatMap((api) => {
    const placesOf = rulePlacesOf(policy, api)
    return api.contract.operations.map((operation) => ({
      api: api.config.name,
      operation: operation.id,
      method: operation.method,
      template: api.basePath + operation.template,
      cells: cellsAt(api, operation, guards.get(operation.slot), placesOf, content[operation.slot]),
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

/** The cells with the places of the rules behind them. */
function cellsAt(
  api: PolicyApi,
  operation: Operation,
  guards: OperationGuards | undefined,
  placesOf: (slot: number, names: ReadonlySet<string>) => RulePlaces,
  content: ContentPlan | undefined,
): CoverageRow['cells'] {
  const named = [...(guards?.objects ?? []), ...(guards?.reads ?? []), ...(guards?.writes ?? [])]
  // A label says more than the name: `booking (reads GET /bookings/{bookingId} first)`.
  const places = placesOf(operation.slot, new Set(named.map((label) => label.split(' (')[0] ?? label)))
  const cells = cellsOf(api, operation, guards, places, content)
  return Object.fromEntries(
    coverageColumns.map((column) => {
      const cell = cells[column]
      const at = cell.state === 'guarded' || cell.state === 'watched' ? places[column] : undefined
      return [column, at === undefined ? cell : { ...cell, at }]
    }),
  ) as CoverageRow['cells']
}

/** Texts in replies are somebody's: whose, a rule must say. */
function trustCell(
  { config }: PolicyApi,
  { method }: Operation,
  plan: ContentPlan | undefined,
): CoverageCell {
  if (plan === undefined) return method === 'GET' ? open('no trust label') : none('no rule')
  if (plan.control === 'off') return open('context is off')
  const watched = plan.mode === 'observe' || config.controls.context === 'observe'
  return { state: watched ? 'watched' : 'guarded', by: `${plan.trust}: ${plan.mode}` }
}

function cellsOf(
  api: PolicyApi,
  operation: Operation,
  guards: OperationGuards | undefined,
  places: RulePlaces,
  content: ContentPlan | undefined,
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
    flow: places.flow === undefined ? none('no flow') : by('function', `${places.flow.length} flow(s)`),
    limit: places.limit === undefined ? open('no limit') : by('limit', `${places.limit.length} rule(s)`),
    validation: by('schema', 'contract'),
    injection: by('injection', api.config.injection.threshold),
    reply: replyCell(api),
    trust: trustCell(api, operation, content),
  }
}

/** A rule that only watches guards nothing yet. */
function watchedOnly(objects: readonly string[], cell: CoverageCell): CoverageCell {
  return cell.state === 'guarded' && objects.every((name) => name.endsWith(' (watched)'))
    ? { ...cell, state: 'watched' }
    : cell
}
