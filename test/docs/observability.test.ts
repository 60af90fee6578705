import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parse } from 'yaml'
import { type RunningGateway, startGateway } from '../flow/running-gateway.ts'
import { thingsContract } from '../flow/things-contract.ts'

const folder = join(import.meta.dirname, '..', '..', 'deploy', 'observability')

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number }
  readonly targets?: readonly { readonly expr: string }[]
}
const dashboard = JSON.parse(readFileSync(join(folder, 'grafana-dashboard.json'), 'utf8')) as {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] }
}
const { groups } = parse(readFileSync(join(folder, 'prometheus-rules.yaml'), 'utf8')) as {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string
      readonly expr: string
      readonly labels: { readonly severity: string }
      readonly annotations: Readonly<Record<string, string>>
    }[]
  }[]
}
const rules = groups.flatMap((group) => group.rules)
const expressions = [
  ...dashboard.panels.flatMap((panel) => (panel.targets ?? []).map(({ expr }) => expr)),
  ...rules.map(({ expr }) => expr),
]

/** Of a family: its samples' names and their labels, as `/metrics` shows them. */
const exposed = new Map<string, Set<string>>()
let gateway: RunningGateway

before(async () => {
  gateway = await startGateway({ contract: thingsContract })
  for (const path of ['/public', '/things/1', '/nothing'])
    await (await fetch(gateway.url + path)).arrayBuffer()
  const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
  for (const line of text.split('\n')) {
    const declared = /^# TYPE (\S+) (\S+)$/.exec(line)
    if (declared !== null) {
      const [, name = '', type] = declared
      for (const suffix of type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''])
        exposed.set(name + suffix, new Set())
      continue
    }
    const [, name = '', labels = ''] = /^([a-z0-9_]+)(?:\{(.*)\})? /.exec(line) ?? []
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) exposed.get(name)?.add(label)
  }
})
after(() => gateway.close())

/** Names of metrics in an expression, with the labels that are selected by. */
function selectorsIn(expr: string): { readonly name: string; readonly labels: readonly string[] }[] {
  return [...expr.matchAll(/\b((?:sallyport|nodejs|process)_[a-z0-9_]+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', labels = '']) => ({
      name,
      labels: [...labels.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }),
  )
}

/** Labels of families that have no sample yet in a gateway that was just started. */
const known: Readonly<Record<string, readonly string[]>> = {
  sallyport_sink_events_lost_total: ['sink', 'reason'],
  sallyport_events_lost_total: ['reason'],
  sallyport_findings_total: ['kind'],
  sallyport_limit_decisions_total: ['api', 'limit', 'outcome'],
  sallyport_overload_shed_total: ['reason', 'class', 'outcome'],
  sallyport_store_up: ['store'],
  sallyport_store_faults_total: ['store'],
}

describe('dashboard and alert rules', () => {
  test('every metric that they name is exposed by a running gateway', () => {
    assert.ok(expressions.length > 40)
    for (const expr of expressions) {
      const selectors = selectorsIn(expr)
      assert.ok(selectors.length > 0, expr)
      for (const { name } of selectors) assert.ok(exposed.has(name), `${name} in ${expr}`)
    }
    for (const { query } of dashboard.templating.list)
      for (const { name } of selectorsIn(JSON.stringify(query))) assert.ok(exposed.has(name), name)
  })

  test('every label that they select or group by is one of that metric', () => {
    for (const expr of expressions) {
      const selectors = selectorsIn(expr)
      const all = new Set(['instance', 'le'])
      for (const { name, labels } of selectors) {
        const own = new Set(['instance', 'job', ...(exposed.get(name) ?? []), ...(known[name] ?? [])])
        for (const label of own) all.add(label)
        for (const label of labels) assert.ok(own.has(label), `${label} of ${name} in ${expr}`)
      }
      for (const [, list = ''] of expr.matchAll(/\bby\s*\(([^)]*)\)/g))
        for (const label of list.split(',')) assert.ok(all.has(label.trim()), `${label} in ${expr}`)
    }
  })

  test('expressions are whole: brackets match, functions exist', () => {
    const functions =
      /^(?:sum|max|min|count|topk|rate|increase|histogram_quantile|by|and|or|unless|without|on|ignoring)$/
    for (const expr of expressions) {
      const open: string[] = []
      const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }
      for (const sign of expr.replace(/"[^"]*"/g, '')) {
        if ('([{'.includes(sign)) open.push(sign)
        else if (sign in pairs) assert.equal(open.pop(), pairs[sign], expr)
      }
      assert.equal(open.length, 0, expr)
      for (const [, name = ''] of expr.replace(/"[^"]*"/g, '').matchAll(/\b([a-z_]+)\s*\(/g))
        assert.match(name, functions, expr)
    }
  })

  test('panels do not lie on one another', () => {
    const taken = new Set<string>()
    for (const { gridPos, title } of dashboard.panels)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.ok(x < 24 && !taken.has(`${x} ${y}`), title)
          taken.add(`${x} ${y}`)
        }
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length)
  })

  test('alerts say what is the matter, and how bad', () => {
    assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length)
    for (const { labels, annotations } of rules) {
      assert.match(labels.severity, /^(?:critical|warning|info)$/)
      assert.ok(annotations['summary'] !== undefined && annotations['description'] !== undefined)
    }
  })
})
