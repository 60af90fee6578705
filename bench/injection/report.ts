import { foldOf, sideOf } from './cases.ts'
import { type Decision, groupBy, heldOut, macroClasses, macroRecall, type Rate, rateOf } from './score.ts'

/** Prints what a target did with the cases. */
export function printReport(name: string, all: readonly Decision[], onlyBlind: boolean): void {
  const decisions = onlyBlind ? all.filter(({ row }) => foldOf(row.family) === 0) : all
  line(`\n${name}: ${decisions.length} requests${onlyBlind ? ', families never looked at' : ''}\n`)
  const attacks = decisions.filter(({ standing }) => standing.kind === 'attack')
  const benign = decisions.filter(({ standing }) => standing.kind === 'benign')

  line('recall by class (headline suites)')
  for (const [key, group] of groupBy(attacks, ({ standing }) => classOf(standing)))
    printRate(rateOf(key, group), group)
  line(`  macro over ${macroClasses.length} classes ${percent(macroRecall(attacks))}`)
  line('recall by class and suite')
  for (const [key, group] of groupBy(
    attacks,
    ({ standing, row }) => `${classOf(standing)} · ${suiteOf(row.suite)}`,
  ))
    printRate(rateOf(key, group), group)
  line(
    'false positives by set (real: API traffic; near: near misses; policy: quotes attacks, reported apart)',
  )
  for (const [key, group] of groupBy(benign, ({ standing }) =>
    standing.kind === 'benign' ? standing.set : undefined,
  ))
    printRate(rateOf(key, group), group)
  for (const [key, group] of groupBy(benign, ({ standing, row }) =>
    standing.kind === 'benign' ? `${standing.set} · ${suiteOf(row.suite)}` : undefined,
  ))
    printRate(rateOf(key, group), group)
  const counted = benign.filter(({ standing }) => standing.kind === 'benign' && standing.set !== 'policy')
  const right = attacks.filter((d) => d.refused).length
  const wrong = counted.filter((d) => d.refused).length
  line(`precision ${percent(right / Math.max(1, right + wrong))} (${right} attacks, ${wrong} others refused)`)
  line('reported apart')
  for (const [key, group] of groupBy(decisions, ({ standing }) =>
    standing.kind === 'apart' ? standing.class : undefined,
  ))
    printRate(rateOf(key, group), group)
  printFolds(decisions)
  const times = decisions.map((d) => d.milliseconds).sort((a, b) => a - b)
  line(
    `latency p50 ${(times[Math.floor(times.length / 2)] ?? 0).toFixed(3)} ms, p99 ${(times[Math.floor(times.length * 0.99)] ?? 0).toFixed(3)} ms`,
  )
}

function printFolds(decisions: readonly Decision[]): void {
  const blind = decisions.filter(({ row }) => foldOf(row.family) === 0)
  const seen = decisions.filter(({ row }) => foldOf(row.family) !== 0)
  const attacksOf = (some: readonly Decision[]): Decision[] =>
    some.filter(({ standing }) => standing.kind === 'attack')
  line(
    `whole ${percent(macroRecall(attacksOf(decisions)))}, families looked at ${percent(macroRecall(attacksOf(seen)))}, never looked at ${percent(macroRecall(attacksOf(blind)))} (macro recall)`,
  )
  for (const side of ['open', 'blind'] as const) {
    const half = attacksOf(decisions.filter(({ row }) => sideOf(row.family) === side))
    const by = [...groupBy(half, ({ standing }) => classOf(standing))]
      .filter(([key]) => macroClasses.includes(key))
      .map(([key, group]) => `${key} ${percent(group.filter((d) => d.refused).length / group.length)}`)
    line(`${side} half: macro recall ${percent(macroRecall(half))} (${by.join(', ')})`)
  }
  if (decisions.some((d) => d.confidence !== undefined)) {
    const { recall, falsePositives, thresholds } = heldOut(decisions, 0.001)
    line(
      `five-fold by family, threshold fitted without the judged fold (${thresholds.join(', ')}): macro recall ${percent(recall)}, false positives on real traffic ${percent(falsePositives)}`,
    )
  }
}

function classOf(standing: Decision['standing']): string | undefined {
  return standing.kind === 'attack' ? standing.class : undefined
}

function suiteOf(suite: string): string {
  return suite.slice(suite.lastIndexOf('/') + 1)
}

function printRate({ key, n, families, rate, low, high }: Rate, group: readonly Decision[]): void {
  const otherwise = group.filter((d) => d.otherwise).length
  line(
    `  ${key.padEnd(38)} ${percent(rate).padStart(8)}  [${percent(low)}, ${percent(high)}]  n ${n}, families ${families}${otherwise > 0 ? `, ${otherwise} refused as malformed or unsupported` : ''}`,
  )
}

function percent(value: number): string {
  return `${(value * 100).toFixed(2)} %`
}

function line(text: string): void {
  process.stdout.write(`${text}\n`)
}
