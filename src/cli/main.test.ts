import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { commands } from './commands.ts'
import { run } from './test-bed/binary.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-cli-'))
after(() => rmSync(folder, { recursive: true }))
const put = (name: string, text: string): void => writeFileSync(join(folder, name), text)

test('help: of the whole, of each command, in each spelling', () => {
  const { code, out, err } = run(folder, ['--help'])
  assert.equal(code, 0)
  assert.equal(err, '')
  for (const { name, summary } of commands) assert.ok(out.includes(name) && out.includes(summary))
  for (const { name } of commands) {
    const help = run(folder, [name, '--help'])
    assert.equal(help.code, 0)
    assert.match(help.out, new RegExp(`^Usage: sallyport ${name}`))
  }
  assert.equal(run(folder, ['help', 'serve']).out, run(folder, ['serve', '-h']).out)
  assert.match(run(folder, ['--version']).out, /^\d+\.\d+\.\d+/)
})

test('mistakes: exit code 2, one reason, the nearest name', () => {
  const wrong = (...args: string[]): string => {
    const { code, out, err } = run(folder, args)
    assert.equal(code, 2, args.join(' '))
    assert.equal(out, '')
    assert.doesNotMatch(err, /^\s+at /m)
    return err
  }
  assert.match(wrong(), /Usage: sallyport COMMAND/)
  assert.match(wrong('serv'), /unknown command `serv`, did you mean `serve`\?/)
  assert.match(wrong('zebra'), /there are init, serve/)
  assert.match(wrong('check', '--confg', 'x'), /did you mean `--config`\?/)
  assert.match(wrong('check', '--format', 'xml'), /--format takes text, json, sarif/)
  assert.match(wrong('check', '--fail-on', 'x'), /--fail-on takes/)
  assert.match(wrong('token'), /--subject/)
  assert.match(wrong('explain', 'GET'), /METHOD and PATH/)
  assert.match(wrong('explain', 'GET', '/x', '-H', 'nonsense'), /-H takes/)
  assert.match(wrong('init'), /OpenAPI document/)
  assert.match(wrong('init', 'x.yaml', '--upstream', 'localhost:1'), /http or https/)
  for (const command of ['serve', 'check', 'coverage', 'token']) {
    const err = wrong(command, '--config', 'nope.yaml', ...(command === 'token' ? ['--subject', 'x'] : []))
    assert.match(err, /^nope\.yaml: error: the configuration file does not exist \[config\.unreadable\]/m)
  }
})

test('a name with escape sequences is not repeated to the terminal', () => {
  assert.ok(!run(folder, ['\u001b[31mx']).err.includes('\u001b'))
})

test('what is wrong in the file is told with line and column; --verbose adds the stack', () => {
  put(
    'bad.yaml',
    'listen: [{ address: 127.0.0.1:0 }]\napis:\n  a: { contrct: x, upstream: http://127.0.0.1:1 }\n',
  )
  const { code, err } = run(folder, ['serve', '--config', 'bad.yaml'])
  assert.equal(code, 2)
  assert.match(
    err,
    /^bad\.yaml:3:8: error: unknown key `contrct`, did you mean `contract`\? \[config\.unknown-key\]\n {2}3 \| {3}a: \{ contrct/m,
  )
  assert.doesNotMatch(err, /^\s+at /m)
  assert.match(run(folder, ['serve', '--config', 'bad.yaml', '--verbose']).err, /^\s+at /m)
})

test('check: 1 for findings, 2 where a file cannot be read; reports are whole in each format', () => {
  put(
    'bad.yaml',
    'listen: [{ address: 127.0.0.1:0 }]\napis:\n  a: { contrct: x, upstream: http://127.0.0.1:1 }\n',
  )
  put('syntax.yaml', 'listen: [\n')
  assert.equal(run(folder, ['check', '--config', 'bad.yaml']).code, 1)
  assert.equal(run(folder, ['check', '--config', 'syntax.yaml']).code, 2)
  assert.equal(run(folder, ['check', '--config', 'nope.yaml']).code, 2)
  const json = run(folder, ['check', '--config', 'bad.yaml', '--format', 'json'])
  assert.equal(json.code, 1)
  assert.equal(JSON.parse(json.out).findings[0].file, 'bad.yaml')
  const sarif = JSON.parse(run(folder, ['check', '--config', 'bad.yaml', '--format', 'sarif']).out)
  assert.equal(sarif.runs[0].results[0].ruleId, 'config.unknown-key')
})

test('no colour where nobody looks', () => {
  assert.ok(!run(folder, ['check', '--config', 'bad.yaml'], { FORCE_COLOR: '1' }).err.includes('\u001b'))
})
