import type { LinearModel } from '../../src/stages/screen/context/detect/linear-model.ts'
import { judge } from '../../tools/train-context/hold-out.ts'
import type { ContextRow } from '../../tools/train-context/rows.ts'
import { formatTable } from '../table.ts'
import { disguises } from './disguises.ts'
import { flags, percent, shareOf } from './measures.ts'

const most = 120
const carrier = 'Lovely place by the sea. '

/** Every disguise on instructions that are recognised in the clear. */
export function printEvasions(
  rows: readonly ContextRow[],
  model: LinearModel,
  print: (text: string) => void,
): void {
  const plain = rows.filter(
    ({ label, injected }) =>
      label === 'attack' &&
      injected !== undefined &&
      injected.length < 600 &&
      /^[\x20-\x7e\s]+$/.test(injected),
  )
  const known = plain.filter(({ injected = '' }) => {
    const { rule, score } = judge(model, carrier + injected)
    return rule || score >= model.flagAt
  })
  const some = known.filter((_, n) => n % Math.max(1, Math.floor(known.length / most)) === 0)
  if (some.length === 0) return
  const shares = disguises.map(([name, apply]) => {
    const hits = some.map(({ injected = '' }) => flags(model, `${carrier}${apply(injected)} ${carrier}`))
    return [name, shareOf(hits)] as const
  })
  const reached = shares.filter(([, share]) => share >= 0.95).length
  print(`\nEvasions of ${some.length} instructions that are recognised in the clear (model that ships)`)
  print(
    formatTable([
      ['disguise', 'recognised', ''],
      ...shares.map(([name, share]) => [name, percent(share), share >= 0.95 ? '' : 'below 95 %']),
    ]),
  )
  print(`${reached} of ${shares.length} at 95 % or above`)
}
