import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { parseTutorial, type TutorialStep } from './tutorial-page.ts'

/** A newcomer follows docs/tutorial.md to its end, in an empty folder, and sees what it says. */

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sallyport-tutorial-'))
const children: ChildProcess[] = []
after(async () => {
  for (const child of children) {
    const over = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await over
  }
  rmSync(folder, { recursive: true, force: true })
})

/** Ports of the page → free ones, so that other tests may use theirs. */
const ports = new Map<string, number>()
before(async () => {
  for (const port of ['3000', '8080', '9090']) ports.set(port, await freePort())
  // The page says `npx sallyport`; here that is this checkout's.
  mkdirSync(join(folder, 'bin'))
  writeFileSync(
    join(folder, 'bin', 'npx'),
    `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(root, 'bin', 'sallyport.js')}" "$@"\n`,
  )
  chmodSync(join(folder, 'bin', 'npx'), 0o755)
})

const env = {
  ...process.env,
  PATH: [join(folder, 'bin'), join(process.execPath, '..'), process.env['PATH']].join(delimiter),
}
const steps = parseTutorial(readFileSync(join(root, 'docs', 'tutorial.md'), 'utf8'))
const moved = (text: string): string =>
  text.replaceAll(/\b(?:3000|8080|9090)\b/g, (port) => String(ports.get(port)))
/** What `NAME=$(…)` of the page set. */
const variables: Record<string, string> = {}

test('the tutorial, from the first command to the last', { timeout: 110_000 }, async (t) => {
  let answers = 0
  for (const step of steps) {
    await carryOut(step)
    if (step.kind === 'run') answers += step.expected.length
  }
  assert.ok(answers >= 13, `${answers} answers compared`)
  t.diagnostic(`${steps.length} blocks, ${answers} answers compared`)
})

async function carryOut(step: TutorialStep): Promise<void> {
  if (step.kind === 'file') writeFileSync(join(folder, step.name), moved(step.text))
  else if (step.kind === 'serve') await serve(step.command)
  else if (step.kind === 'replace') await replace(step.key, step.text)
  else run(step.commands, step.expected)
}

function run(commands: string, expected: readonly string[]): void {
  const names = [...commands.matchAll(/^([A-Z]+)=\$\(.*\)$/gm)].map(([, name]) => name ?? '')
  const told = names.map((name) => `\necho "${name}=$${name}" >&2`).join('')
  const { stdout, stderr, status } = spawnSync('sh', ['-e', '-c', moved(commands) + told], {
    cwd: folder,
    env: { ...env, ...variables },
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.equal(status, 0, `${commands}\n${stdout}${stderr}`)
  for (const name of names) variables[name] = new RegExp(`^${name}=(.+)$`, 'm').exec(stderr)?.[1] ?? ''
  let from = 0
  for (const line of expected) {
    const at = `${stdout}${stderr}`.indexOf(line, from)
    assert.ok(at >= 0, `${line} is not in what ${commands} said:\n${stdout}${stderr}`)
    from = at + 1
  }
  // What `init` wrote has the usual ports.
  if (commands.includes('init')) {
    const file = join(folder, 'sallyport.yaml')
    writeFileSync(file, moved(readFileSync(file, 'utf8')))
  }
}

async function serve(command: string): Promise<void> {
  const child = spawn('sh', ['-c', `exec ${command}`], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  children.push(child)
  const port = ports.get(command.includes('sallyport') ? '8080' : '3000')
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  for (let tries = 0; tries < 600; tries++) {
    assert.equal(child.exitCode, null, said)
    if (
      await fetch(`http://127.0.0.1:${port}/`).then(
        () => true,
        () => false,
      )
    )
      return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.fail(`${command} never answered: ${said}`)
}

/** Puts a block in the place of a key below the API, and waits until the gateway has it. */
async function replace(key: string, text: string): Promise<void> {
  const file = join(folder, 'sallyport.yaml')
  const indented = text.replaceAll(/^(?=.)/gm, '    ')
  const old = readFileSync(file, 'utf8')
  const written = old.replace(new RegExp(`^ {4}${key}:\\n(?: {6}.*\\n)+`, 'm'), () => indented)
  assert.notEqual(written, old)
  writeFileSync(file, written)
  const gate = `http://127.0.0.1:${ports.get('9090')}/api/v1/coverage`
  for (let tries = 0; tries < 600; tries++) {
    const table = await (await fetch(gate)).text()
    if (table.includes('listNotes') && !/"object":\{"state":"(?:open|watched)"/.test(table)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.fail('the gateway never took the new policy')
}
