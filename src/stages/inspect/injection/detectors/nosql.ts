import type { Detector, View } from '../detector.ts'
import { compileSearch } from '../landmarks/search.ts'

/** Query and update operators of MongoDB and its kin, and Elasticsearch's script keys. */
const operator = compileSearch(
  /\$(?:ne|eq|gte?|lte?|n?in|regex|options|where|exists|type|mod|text|search|not|n?or|and|all|elemmatch|size|expr|jsonschema|func|function|accumulator|lookup|unionwith|merge|out|group|match|project|set|unset|push|pull|rename|inc|comment|ref|reduce|facet|geowithin|near)(?![a-z0-9_])/,
)

const shapeList: readonly (readonly [RegExp, number])[] = [
  // {"$gt": ""}  {$ne:1}  [$ne]=  , $where: '…'
  [/[{[,]\s{0,4}["']?\$[a-z]{2,12}["']?\s{0,4}(?::|\]\s{0,4}(?:=|\[|$))/, 0.92],
  [/(?:^|[\s,'"&{])\$where["']?\s{0,4}[:=]/, 0.92],
  [
    /\bdb\s{0,2}\.\s{0,2}[a-z_]\w{0,40}\s{0,2}\.\s{0,2}(?:find|insert|update|remove|drop|aggregate|mapreduce|count|save|delete|replace|createcollection)/,
    0.92,
  ],
  [/\bdb\.(?:get(?:collection|sibling|name)|dropdatabase|eval|version|serverstatus|getusers)/, 0.9],
  [/;[ \n]?return\b|^\s{0,4}return ?(?:true|1|!)/, 0.85],
  [/(?:\|\||&&)\s{0,4}\(?\s{0,4}(?:this\.|[0-9'"]{1,8}\s{0,4}={1,3}\s{0,4}[0-9'"])/, 0.88],
  [/\bthis\.[a-z_]\w{0,40}(?:\.match|\.length|\[)?\s{0,4}(?:[=!<>(]|\/)/, 0.85],
  [/\bmapreduce\b.{0,40}(?:function|emit)/, 0.9],
  [/;\s?(?:while|for) ?\(|\bdate\.now\s{0,2}\(|new date\s{0,2}\(\)\s{0,4};/, 0.8],
  [/'\s{0,4}(?:\+|\|\||&&)\s{0,4}'?[01]['"]?\s{0,4}(?:==|\|\|)|'\s{0,4}&&\s{0,4}['"0-9a-z]/, 0.72],
]

const shapes = shapeList.map(([shape, confidence]) => [compileSearch(shape), confidence] as const)

/** Django-like lookups that reach through relations. */
const lookup =
  /^[a-z]\w{0,60}__\w{1,60}__(?:i?startswith|i?endswith|i?contains|i?regex|has_keys?|has_any_keys|i?exact)$/

function run(view: View): number {
  const found = judge(view)
  return found > 0 && view.prose ? found - 0.25 : found
}

function judge({ lower, place }: View): number {
  if (place === 'json-key' || place === 'name' || place === 'query' || place === 'form') {
    if (/^\$[a-z]{2,12}$/.test(lower) && operator.test(lower)) return 0.95
    if ((place === 'json-key' || place === 'name') && lookup.test(lower)) return 0.75
    if (/\[\s{0,4}\$[a-z]{2,12}\s{0,4}\]/.test(lower) && operator.test(lower)) return 0.95
  }
  let best = 0
  const hasOperator = lower.includes('$') && operator.test(lower)
  for (let i = 0; i < shapes.length; i++) {
    const [shape, confidence] = shapes[i] as (typeof shapes)[number]
    if (confidence <= best) continue
    if (i === 0 && !hasOperator) continue
    if (shape.test(lower)) best = confidence
  }
  return best
}

/** NoSQL operators in names and values, and JavaScript that runs inside the database. */
export const nosqlDetector: Detector = {
  name: 'nosql.operator',
  class: 'nosqli',
  needs: [
    [
      '$',
      'db.',
      'db .',
      ';return',
      '; return',
      ';\nreturn',
      'return true',
      'return 1',
      'return!',
      'return !',
      'returntrue',
      'return1',
      '||',
      '&&',
      'this.',
      'mapreduce',
      'while(',
      'for(',
      'while (',
      'for (',
      'date.now',
      'new date',
      "'+",
      "' +",
      "'|",
      "' |",
      "'&",
      "' &",
      '__',
    ],
  ],
  run,
}
