// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of a workflow
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

/** What other pipelines include: each file parses, and its commands run with the checkout's own binary. */

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'continuous-'))
after(() => rmSync(folder, { recursive: true, force: true }))
cpSync(join(root, 'examples', 'travel', 'travel.openapi.yaml'), join(folder, 'openapi.yaml'))
writeFileSync(
  join(folder, 'weak.openapi.yaml'),
  'openapi: 3.1.0\ninfo: { title: T, version: "1" }\npaths: { /orders: { post: { responses: { "201": { description: made } } } } }\n',
)
const sallyport = `${process.execPath} ${join(root, 'bin', 'sallyport.js')}`
assert.equal(
  bash('$SALLYPORT init openapi.yaml --upstream http://127.0.0.1:1', { SALLYPORT: sallyport }).status,
  0,
)

function bash(script: string, env: Readonly<Record<string, string>>): { status: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['--norc', '--noprofile', '-e', '-o', 'pipefail', '-c', script],
    {
      cwd: folder,
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
      encoding: 'utf8',
      timeout: 60_000,
    },
  )
  return { status, out: stdout + stderr }
}

function fileOf(name: string): string {
  return readFileSync(join(root, name), 'utf8')
}

interface Step {
  readonly name: string
  readonly if?: string
  readonly run: string
  readonly env: Readonly<Record<string, string>>
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  readonly outputs: Readonly<Record<string, { readonly value: string }>>
  readonly runs: { readonly using: string; readonly steps: readonly Step[] }
}

/** Runs a composite action as its runner would: inputs by their defaults, expressions filled in. */
function act(given: Readonly<Record<string, string>>): {
  readonly codes: Readonly<Record<string, number | null>>
  readonly out: string
  readonly files: Readonly<Record<string, string>>
} {
  const { inputs, runs } = parse(fileOf('deploy/github/action.yml')) as Action
  assert.equal(runs.using, 'composite')
  const filled = (text: string): string =>
    text.replaceAll(/\$\{\{ (inputs|github)\.([\w-]+) \}\}/g, (_all, from: string, name: string) =>
      from === 'github' ? join(root, 'deploy', 'github') : (given[name] ?? inputs[name]?.default ?? ''),
    )
  const files = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'summary') }
  for (const file of Object.values(files)) writeFileSync(file, '')
  const codes: Record<string, number | null> = {}
  let out = ''
  for (const step of runs.steps) {
    if (
      step.if !== undefined &&
      filled(step.if.replace(/\$\{\{ inputs\.config != '' \}\}/, '${{ inputs.config }}')) === ''
    )
      continue
    assert.ok(!step.run.includes('${{'), 'no input is text of a script')
    const env = Object.fromEntries(Object.entries(step.env).map(([key, value]) => [key, filled(value)]))
    const ran = bash(step.run, { ...files, ...env })
    codes[step.name] = ran.status
    out += ran.out
    if (ran.status !== 0) break
  }
  return {
    codes,
    out,
    files: Object.fromEntries(Object.entries(files).map(([key, file]) => [key, readFileSync(file, 'utf8')])),
  }
}

test('GitHub: the action reports, checks the policy and fails on what it is told to', () => {
  const fine = act({
    command: sallyport,
    contract: 'openapi.yaml',
    config: 'sallyport.yaml',
    'fail-on': 'critical',
  })
  assert.deepEqual(
    fine.codes,
    { 'annotations for findings': 0, reports: 0, policy: 0, contract: 0 },
    fine.out,
  )
  assert.match(fine.out, /^::add-matcher::.*problem-matcher\.json$/m)
  assert.match(fine.files['GITHUB_OUTPUT'] ?? '', /^score=\d+\n$/)
  assert.match(fine.files['GITHUB_STEP_SUMMARY'] ?? '', /^# Audit of openapi\.yaml/)
  assert.equal(JSON.parse(readFileSync(join(folder, 'sallyport.sarif'), 'utf8')).version, '2.1.0')
  const weak = act({ command: sallyport, contract: 'weak.openapi.yaml' })
  assert.deepEqual(weak.codes, { 'annotations for findings': 0, reports: 0, contract: 1 }, weak.out)
  const hostile = act({ command: sallyport, contract: '$(touch owned); echo' })
  assert.equal(hostile.codes['reports'], 2)
  assert.ok(!existsSync(join(folder, 'owned')))
})

test('GitHub: the workflow names the action, its inputs and its outputs as they are', () => {
  const { inputs, outputs } = parse(fileOf('deploy/github/action.yml')) as Action
  const { jobs } = parse(fileOf('deploy/github/workflow.yml')) as {
    jobs: Record<string, { steps: { uses: string; with?: Record<string, string> }[] }>
  }
  const steps = Object.values(jobs).flatMap((job) => job.steps)
  const own = steps.find(({ uses }) => uses.includes('/deploy/github@'))
  for (const name of Object.keys(own?.with ?? { missing: '' })) assert.ok(name in inputs, name)
  const used = [...JSON.stringify(steps).matchAll(/steps\.sallyport\.outputs\.(\w+)/g)].map(
    ([, name]) => name ?? '',
  )
  assert.deepEqual(used, ['sarif'])
  for (const name of used) assert.ok(name in outputs)
})

test('problem matchers read what the audit writes', () => {
  const { problemMatcher } = JSON.parse(fileOf('deploy/github/problem-matcher.json'))
  const { tasks } = JSON.parse(fileOf('deploy/vscode/tasks.json'))
  const [task] = tasks
  assert.deepEqual(task.args.slice(2), ['audit', 'openapi.yaml', '--format', 'lines'])
  const { out } = bash('$SALLYPORT audit weak.openapi.yaml --format lines 2> /dev/null || true', {
    SALLYPORT: sallyport,
  })
  const lines = out.trim().split('\n')
  assert.ok(lines.length > 3)
  for (const pattern of [problemMatcher[0].pattern[0], task.problemMatcher.pattern]) {
    for (const line of lines) {
      const match = new RegExp(pattern.regexp).exec(line)
      assert.equal(match?.[pattern.file], 'weak.openapi.yaml', line)
      assert.ok(Number(match?.[pattern.line]) > 0 && Number(match?.[pattern.column]) > 0)
      assert.match(match?.[pattern.severity] ?? '', /^(?:error|warning|note)$/)
    }
    const check = bash('$SALLYPORT check 2> /dev/null || true', { SALLYPORT: sallyport }).out.split('\n')
    assert.ok(
      check.some((line) => new RegExp(pattern.regexp).test(line)),
      'it reads `check` too',
    )
  }
})

test('GitLab: the script of the job runs, and its reports are there', () => {
  const template = parse(fileOf('deploy/gitlab/sallyport.gitlab-ci.yml')) as {
    variables: Record<string, string>
    'sallyport-audit': { script: string[]; artifacts: { paths: string[]; reports: { junit: string } } }
  }
  const { script, artifacts } = template['sallyport-audit']
  const env = {
    ...template.variables,
    SALLYPORT: sallyport,
    SALLYPORT_CONFIG: 'sallyport.yaml',
    SALLYPORT_FAIL_ON: 'critical',
  }
  const ran = bash(script.join('\n'), env)
  assert.equal(ran.status, 0, ran.out)
  for (const file of [...artifacts.paths, artifacts.reports.junit])
    assert.ok(existsSync(join(folder, file)), file)
  assert.notEqual(
    bash(script.join('\n'), { ...env, SALLYPORT_CONTRACT: 'weak.openapi.yaml', SALLYPORT_CONFIG: '' }).status,
    0,
  )
})

test('pre-commit: the hooks find documents by name and run on several at once', () => {
  const hooks = parse(fileOf('.pre-commit-hooks.yaml')) as {
    id: string
    entry: string
    language: string
    files: string
    pass_filenames?: boolean
  }[]
  assert.deepEqual(
    hooks.map(({ id }) => id),
    ['sallyport-audit', 'sallyport-check'],
  )
  const [audit] = hooks
  // Python's regular expressions put flags in front; the words are the same.
  const files = new RegExp(audit?.files.replace('(?i)', '') ?? '', 'i')
  for (const name of ['openapi.yaml', 'api/travel.openapi.yml', 'docs/Swagger.json', 'my-openapi-v2.json'])
    assert.match(name, files)
  for (const name of ['sallyport.yaml', 'openapi.md', 'reopenapis.yaml']) assert.doesNotMatch(name, files)
  for (const { entry, language, pass_filenames } of hooks) {
    assert.equal(language, 'node')
    const command = entry.replace(/^sallyport/, '$SALLYPORT')
    const shim = join(folder, 'hook.sh')
    writeFileSync(shim, `#!/bin/bash\n${command} ${pass_filenames === false ? '' : '"$@"'}\n`)
    chmodSync(shim, 0o700)
    const ran = bash(`${shim} openapi.yaml weak.openapi.yaml`, { SALLYPORT: sallyport })
    assert.equal(ran.status, pass_filenames === false ? 0 : 1, ran.out)
    assert.ok(
      pass_filenames === false ||
        (/^openapi\.yaml:/m.test(ran.out) && /^weak\.openapi\.yaml:/m.test(ran.out)),
    )
  }
})
