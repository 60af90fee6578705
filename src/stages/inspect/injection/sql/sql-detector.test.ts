import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compileInjection } from '../engine.ts'
import { tokenizeSql } from './tokenize.ts'

const engine = compileInjection({ threshold: 'balanced' })
const isSql = (text: string): boolean =>
  (engine.scanText(text, { pointer: '/x', place: 'query' }, { left: 10_000_000 }) ?? []).some(
    (f) => f.class === 'sqli',
  )

describe('SQL', () => {
  const attacks: Readonly<Record<string, readonly string[]>> = {
    'string context': [
      "x' or '7'='7",
      "x' and 5>4--",
      "bob'--",
      "x') or (3=3",
      "x' or sleep(9)#",
      "x' like '%",
      "a'||(select b from c)||'",
    ],
    'double quote': ['x" or "q"="q', 'x") or 3=3 --', 'x" union all select 1,2--'],
    'numeric context': [
      '7 or 3=3',
      '7) or (3=3',
      '-7 union select 1,2,3',
      '7 and (select 1 from t)>0',
      '7;drop table t',
      '7 or 1 like 1',
    ],
    'order by': ['1 order by 9--', "x' group by a having 1=1--"],
    comments: [
      "x'/**/or/**/3=3",
      "x'/*!50000union*/ /*!50000select*/ 1",
      "x' or 3=3 -- tail",
      '7 un/**/ion sel/**/ect 1,2',
    ],
    statements: [
      'select a, b from c where d = 1',
      "insert into t values ('a')",
      "'; exec xp_cmdshell 'dir'--",
      "'; waitfor delay '0:0:9'--",
      'update t set a=1 where b=2;',
    ],
    functions: [
      'extractvalue(1,concat(0x7e,version()))',
      'pg_sleep(9)',
      "utl_http.request('http://x')",
      "1-if(substring(user(),1,1)='r',sleep(9),0)",
    ],
    encodings: [
      'x%27%20or%203%3D3',
      'x%2527 or 3=3--',
      'x&#39; or 3=3--',
      'x\\u0027 or 3=3--',
      'x\u2019 or 3=3--',
      "x'+or+3=3--",
    ],
  }
  for (const [name, texts] of Object.entries(attacks))
    it(name, () => {
      for (const text of texts) assert.ok(isSql(text), `missed ${JSON.stringify(text)}`)
    })

  it('names, sizes and prose are none', () => {
    for (const text of [
      "O'Brien",
      "D'Angelo & sons",
      'select the best seats from the list',
      'union square or times square',
      'drop me a line; update me later',
      '16" or 18" necklace',
      "it's 5 o'clock -- or later",
      "rock 'n' roll",
      '"salt" and "pepper"',
      'order by phone',
      'group by age',
      'where is the table? from the left',
      '1950 or 1960',
      'like new -- 50% off',
      "the boys' and girls' team",
      'case for phone 4',
      "MOM'S #1 FAN",
      'C&A; H&M',
      'x = 3',
      'a=1&b=2',
      "name eq 'Bob' and age gt 5",
      'status:open OR status:closed',
      'We select people and insert them into groups, then order them by age and delete nobody from the list.',
    ])
      assert.ok(!isSql(text), JSON.stringify(text))
  })

  it('tokens after a quote', () => {
    assert.equal(tokenizeSql("a' or 1=1 -- x", "'", 64), 's&1=1c')
    assert.equal(tokenizeSql("n'a' /* c */ union/*!40000 all*/select", '', 64), 'sUAE')
    assert.equal(tokenizeSql('sleep (1)', '', 64), 'F(1)')
    assert.equal(tokenizeSql('order by 1', '', 64), 'Bk1')
    assert.equal(tokenizeSql("'x'", '', 64, true), 'qvq')
  })
})
