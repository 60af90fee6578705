// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a shell
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { commands } from './commands.ts'
import { manPage } from './man-page.ts'
import { run } from './test-bed/binary.ts'

test('bash completes commands and their options', () => {
  const { code, out } = run(tmpdir(), ['completion', 'bash'])
  assert.equal(code, 0)
  const complete = (words: string): string => {
    const script = `${out}\nCOMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _sallyport; echo "\${COMPREPLY[@]}"`
    return spawnSync('bash', ['--norc', '--noprofile', '-c', script], { encoding: 'utf8' }).stdout.trim()
  }
  assert.equal(complete('sallyport au'), 'authority audit')
  assert.equal(complete('sallyport audit --fa'), '--fail-on')
  assert.equal(complete('sallyport audit openapi'), '')
})

test('zsh and fish: every command with its options; another shell is refused', () => {
  for (const shell of ['zsh', 'fish']) {
    const { out } = run(tmpdir(), ['completion', shell])
    for (const { name, options } of commands) {
      assert.ok(out.includes(name), `${shell} ${name}`)
      for (const option of Object.keys(options)) assert.ok(out.includes(option), `${shell} ${name} ${option}`)
    }
  }
  assert.equal(run(tmpdir(), ['completion', 'tcsh']).code, 2)
})

test('the manual page has every command and no line that roff would act upon by mistake', () => {
  const page = manPage(commands)
  for (const { name } of commands) assert.ok(page.includes(`.SS ${name}`))
  for (const line of page.split('\n')) assert.match(line, /^(?:$|[^.']|\.(?:TH|SH|SS|TP|B|I|nf|fi)\b)/)
})
