import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

/** Every command of the README runs here, in its order, in a folder of its own. */

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sallyport-readme-'))
symlinkSync(join(root, 'examples'), join(folder, 'examples'))
after(() => rmSync(folder, { recursive: true, force: true }))

interface Block {
  readonly info: string
  readonly commands: readonly string[]
}

function blocks(): Block[] {
  const text = readFileSync(join(root, 'README.md'), 'utf8')
  return [...text.matchAll(/^```sh *(.*)\n([\s\S]*?)^```$/gm)].map(([, info, body]) => ({
    info: info as string,
    commands: (body as string).trim().split('\n'),
  }))
}

/** `npx sallyport a --b "c d"` → the arguments of the checkout's own binary. */
function argumentsOf(command: string): string[] {
  assert.match(command, /^npx sallyport /)
  const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? (match[2] as string))
  return [join(root, 'bin', 'sallyport.js'), ...words.slice(2)]
}

test('every block of commands is one of those that are run', () => {
  const known = new Set(['npm start', 'npm test', 'npm run bench'])
  for (const block of blocks())
    for (const command of block.commands)
      assert.ok(known.has(command) || block.info.startsWith('example'), `nothing runs: ${command}`)
})

for (const block of blocks().filter(({ info }) => info === 'example'))
  for (const command of block.commands)
    test(command, () => {
      const ran = spawnSync(process.execPath, argumentsOf(command), {
        cwd: folder,
        encoding: 'utf8',
        timeout: 60_000,
      })
      assert.equal(ran.status, 0, ran.stderr)
      if (!command.includes(' check ')) assert.notEqual(ran.stdout.trim(), '')
    })

for (const block of blocks().filter(({ info }) => info === 'example serve'))
  for (const command of block.commands)
    test(command, async () => {
      const child = spawn(process.execPath, argumentsOf(command), {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let said = ''
      const ready = new Promise<void>((resolve, reject) => {
        child.stderr.on('data', (chunk: Buffer) => {
          said += chunk.toString('utf8')
          if (/http:\/\/127\.0\.0\.1:8080/.test(said) || /EADDRINUSE|in use/.test(said)) resolve()
        })
        child.on('exit', () => reject(new Error(said)))
      })
      await ready.catch((error: Error) => assert.match(error.message, /in use/))
      const over = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      if (child.exitCode === null) await over
    })

test('npm start runs the attacks, and the four requests answer as the README says', async () => {
  const child = spawn(process.execPath, [join(root, 'tools', 'start.ts'), '--demo'], { cwd: root })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  const code = await new Promise((resolve) => child.once('exit', resolve))
  if (/in use/.test(said)) return assert.fail('ports 8080, 9090 or 4000 are in use on this machine')
  assert.equal(code, 0, said.slice(-2000))
  assert.match(said, /refused\s+403 AUTHORIZE_OBJECT/)
  assert.match(said, /refused\s+401 /)
  assert.match(said, /refused\s+429 LIMIT_RATE/)
})
