import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readStatements } from './read-statements.ts'
import { statementShapes } from './statement-shapes.ts'
import { compileWordFilter } from './word-filter.ts'

/** Statements that say enough wherever they begin. */
const plain = [
  "create user u identified by 'p'",
  'create or replace function f() returns int',
  'drop table if exists t',
  'alter session set a = b',
  'truncate table t cascade',
  'insert into t select * from u',
  'insert into t default values',
  'update [dbo].[t] set a = 1',
  'delete from t where a = 1',
  'merge into t using u on (1=1)',
  'replace into t values (1)',
  'grant all on t to public',
  'declare @a int',
  "execute immediate 'x'",
  "waitfor delay '0:0:9'",
  "load data infile '/srv/x' into table t",
  "copy t from program 'id'",
  "prepare s from 'select 1'",
  "backup database d to disk = 'x'",
  'with a as (select 1) select * from a',
  "attach database '/x' as y",
  "bulk insert t from 'x'",
]

/** Statements that are prose as well, but for what stands before them. */
const broken = [
  'call f()',
  'do sleep(5)',
  'begin dbms_lock.sleep(5); end',
  "if exists (select 1) waitfor delay '0:0:1'",
  'show tables',
  'use master--',
  'kill 7',
  'handler t open',
  'lock tables t write',
  'rename table a to b',
  'reset master',
  'flush privileges',
  'vacuum',
  'shutdown',
  'pragma table_info(t)',
  "comment on table t is 'x'",
]

it('statements begin a value, or follow what was closed', () => {
  for (const statement of plain)
    for (const text of [statement, `x'; ${statement}`, `1);${statement}`, `7/**/;/*a*/${statement}--`])
      assert.ok(readStatements(text) >= 0.7, text)
  for (const statement of broken)
    for (const text of [`x'; ${statement}`, `1;${statement}`, `1) ;/**/${statement}`, `x; ${statement} --`])
      assert.ok(readStatements(text) >= 0.7, text)
})

it('the same words in sentences are none', () => {
  for (const text of [
    'call me; then show tables to guests',
    'create user account for anna',
    'drop the column idea',
    'update user profile',
    'delete from list',
    'grant all wishes',
    'we lock tables at night; use the door',
    'thanks; vacuum the room',
    'ok; shut it down',
  ])
    assert.equal(readStatements(text), 0, text)
})

it('the word filter never misses a word', () => {
  const words = statementShapes.map(([word]) => word)
  const mayBe = compileWordFilter(words)
  for (const word of words) assert.ok(mayBe(word.charCodeAt(0), word.charCodeAt(1), word.length))
  assert.ok(!mayBe(122, 122, 4))
})
