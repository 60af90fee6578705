import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createRandom, makeVariant, variantClasses } from '../../bench/injection/variants.ts'
import { compileInjection } from '../../src/stages/inspect/injection/engine.ts'

const engine = compileInjection({ threshold: 'balanced' })
const each = 800

for (const kind of variantClasses)
  it(`V12 ${kind}: attacks made up by grammar are found, whatever their spelling`, (t) => {
    const random = createRandom(each)
    const missed: string[] = []
    for (let i = 0; i < each; i++) {
      const text = makeVariant(kind, random)
      const context = { pointer: '/value', place: 'json-string', urlTyped: kind === 'ssrf' } as const
      const found = engine.scanText(text, context, { left: 4_000_000 })
      if (found !== undefined && found.length === 0) missed.push(text)
    }
    t.diagnostic(`${each} attacks, ${missed.length} missed`)
    assert.ok(missed.length <= each * 0.01, missed.slice(0, 5).join('\n'))
  })
