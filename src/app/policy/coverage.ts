import type { Place } from '../../kernel/finding.ts'
import type { Operation } from '../../kernel/operation.ts'
import type { OperationGuards } from '../../stages/authorize/compile-plan.ts'
import { type CoverageCell, type CoverageRow, type CoverageTable, coverageColumns } from './coverage-table.ts'
import { withObjectLines } from './object-lines.ts'
import { rankOpen } from './open-operations.ts'
import type { Policy, PolicyApi } from './policy.ts'
import { type RulePlaces, rulePlacesOf } from './rule-places.ts'
import { unguardedObjects } from './unguarded-objects.ts'

const open = (by: string): CoverageCell => ({ state: 'open', by })
const none = (by: string): CoverageCell => ({ state: 'none', by })

/** What is guarded, by which rule, and what is not. */
export function coverageOf(
  policy: Pick<Policy, 'loaded' | 'apis' | 'select' | 'findings'>,
  guards: ReadonlyMap<number, OperationGuards>,
): CoverageTable {
  const rows = policy.apis.flatMap((api) => {
    // Messages to tools are forwarded nowhere: what they call is in the rows of the API itself.
    if (api.exposes !== undefined) return []
    const placesOf = rulePlacesOf(policy, api)
    const unguarded = unguardedObjects(policy, api)
    return api.contract.operations.map((operation) => ({
      api: api.config.name,
      operation: operation.id,
      method: operation.method,
      template: api.basePath + operation.template,
      cells: cellsAt(api, operation, guards.get(operation.slot), placesOf, unguarded),
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
  unguarded: (operation: Operation, guarded: boolean) => readonly string[],
): CoverageRow['cells'] {
  const named = [...(guards?.objects ?? []), ...(guards?.reads ?? []), ...(guards?.writes ?? [])]
  // A label says more than the name: `booking (reads GET /bookings/{bookingId} first)`.
  const places = placesOf(operation.slot, new Set(named.map((label) => label.split(' (')[0] ?? label)))
  const cells = cellsOf(
    api,
    operation,
    guards,
    places,
    unguarded(operation, (guards?.objects.length ?? 0) > 0),
  )
  return Object.fromEntries(
    coverageColumns.map((column) => {
      const cell = cells[column]
      const at = cell.state === 'guarded' || cell.state === 'watched' ? places[column] : undefined
      return [column, at === undefined ? cell : { ...cell, at }]
    }),
  ) as CoverageRow['cells']
}

function cellsOf(
  api: PolicyApi,
  operation: Operation,
  guards: OperationGuards | undefined,
  places: RulePlaces,
  unguarded: readonly string[],
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
    object: objectCell(objects, unguarded, by('object', objects.join(', '))),
    'property-read': properties(guards?.reads ?? []),
    'property-write': properties(guards?.writes ?? []),
    flow: places.flow === undefined ? none('no flow') : by('function', `${places.flow.length} flow(s)`),
    limit: places.limit === undefined ? open('no limit') : by('limit', `${places.limit.length} rule(s)`),
    validation: by('schema', 'contract'),
    injection: by('injection', api.config.injection.threshold),
    reply: replyCell(api),
    content: contentCell(api, operation, places.content),
  }
}

function objectCell(
  objects: readonly string[],
  unguarded: readonly string[],
  cell: CoverageCell,
): CoverageCell {
  if (objects.length === 0)
    return unguarded.length === 0 ? none('no object') : open(`no rule for ${unguarded.join(', ')}`)
  // One object that nobody guards is enough.
  if (unguarded.length > 0) return open(`no rule for ${unguarded.join(', ')}; ${objects.join(', ')} guarded`)
  return watchedOnly(objects, cell)
}

/** Who wrote the texts of a reply; a rule that only observes changes nothing in them. */
function contentCell(
  { config }: PolicyApi,
  operation: Operation,
  written: readonly Place[] | undefined,
): CoverageCell {
  if (operation.output.successes.length === 0) return none('no text in replies')
  if (written === undefined) return open('nobody says who wrote its texts')
  const rule = config.content.find((one) => written.some(({ pointer }) => pointer === one.pointer))
  const by = rule === undefined ? `${written.length} rule(s)` : `${rule.trust}: ${rule.mode}`
  return { state: rule?.mode === 'observe' ? 'watched' : 'guarded', by }
}

/** A rule that only watches guards nothing yet. */
function watchedOnly(objects: readonly string[], cell: CoverageCell): CoverageCell {
  return cell.state === 'guarded' && objects.every((name) => name.endsWith(' (watched)'))
    ? { ...cell, state: 'watched' }
    : cell
}
