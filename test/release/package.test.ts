import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import type { AboutReply } from '../../src/admin/contract.ts'
import { contract } from '../../src/cli/test-bed/contract.ts'
import { type BuiltPackage, buildPackage } from '../../tools/release/build-package.ts'
import { freePort } from '../support/free-port.ts'

/** The package as it would be published: what is in it, and that it works where nothing else of the repository is. */
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sallyport-package-'))
const home = join(folder, 'home')
const installed = join(home, 'node_modules', 'sallyport')

describe('package', { timeout: 110_000 }, () => {
  let first: BuiltPackage
  let manifest: Record<string, unknown>
  before(() => {
    first = buildPackage(join(folder, 'first'))
    mkdirSync(installed, { recursive: true })
    const unpacked = spawnSync('tar', ['-xzf', first.file, '-C', installed, '--strip-components', '1'])
    assert.equal(unpacked.status, 0, String(unpacked.stderr))
    manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Record<string, unknown>
    // What npm would install beside it, and nothing else.
    for (const name of Object.keys(manifest['dependencies'] as object)) {
      const link = join(home, 'node_modules', name)
      mkdirSync(join(link, '..'), { recursive: true })
      symlinkSync(join(root, 'node_modules', name), link)
    }
    writeFileSync(join(home, 'small.openapi.yaml'), contract)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const sallyport = (...args: string[]) =>
    spawnSync(process.execPath, [join(installed, 'bin', 'sallyport.js'), ...args], {
      cwd: home,
      encoding: 'utf8',
      timeout: 60_000,
    })

  it('K03: two builds give the same bytes', (t) => {
    const second = buildPackage(join(folder, 'second'))
    assert.equal(second.sha256, first.sha256)
    assert.ok(first.packedBytes < 3 * 1024 * 1024, `${first.packedBytes} bytes`)
    t.diagnostic(`${first.packedBytes} bytes packed, ${first.unpackedBytes} unpacked, ${first.files} files`)
  })

  it('has no tests, no sources, no scripts that run on installation, nothing of development', () => {
    const { stdout } = spawnSync('tar', ['-tzf', first.file], { encoding: 'utf8' })
    const names = stdout.trim().split('\n')
    assert.ok(names.length > 200)
    assert.deepEqual(
      names.filter((name) => /\.test\.|\.fixture\.|test-bed|(?<!\.d)\.ts$|node_modules/.test(name)),
      [],
    )
    for (const key of ['scripts', 'devDependencies', 'optionalDependencies', 'private'])
      assert.equal(manifest[key], undefined)
    for (const name of ['LICENSE', 'README.md', 'SECURITY.md', 'CHANGELOG.md', 'docs/sallyport.1'])
      assert.ok(existsSync(join(installed, name)), name)
  })

  it('is what package managers and TypeScript expect', async () => {
    const { messages } = await publint({ pkgDir: installed, strict: true })
    assert.deepEqual(messages, [])
    const attw = spawnSync(
      join(root, 'node_modules', '.bin', 'attw'),
      [first.file, '--profile', 'esm-only', '--format', 'json'],
      { encoding: 'utf8' },
    )
    assert.equal(attw.status, 0, attw.stdout + attw.stderr)
  })

  it('init, check and coverage work in an empty folder', () => {
    const init = sallyport('init', 'small.openapi.yaml')
    assert.equal(init.status, 0, init.stderr)
    for (const args of [
      ['check'],
      ['coverage'],
      ['audit', 'small.openapi.yaml', '--fail-on', 'none'],
      ['version'],
    ]) {
      const ran = sallyport(...args)
      assert.ok(ran.status === 0, `${args.join(' ')}: ${ran.stdout}${ran.stderr}`)
    }
    assert.equal(sallyport('version').stdout.trim(), manifest['version'])
  })

  it('serves, with all its threads and its embedded server', async () => {
    const [port, admin, gate] = [await freePort(), await freePort(), join(home, 'gate.yaml')]
    const drafted = readFileSync(join(home, 'sallyport.yaml'), 'utf8')
    const text = drafted
      .replace('127.0.0.1:8080', `127.0.0.1:${port}`)
      .replace('127.0.0.1:9090', `127.0.0.1:${admin}`)
      .concat('store: { durable: "sqlite:state.db" }\n')
    writeFileSync(gate, text)
    const child = spawn(
      process.execPath,
      [join(installed, 'bin', 'sallyport.js'), 'serve', '--config', gate],
      {
        cwd: home,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8')
    })
    const over = new Promise((resolve) => child.once('exit', resolve))
    try {
      let reply: Response | undefined
      for (let tries = 0; tries < 600 && reply === undefined; tries++) {
        assert.equal(child.exitCode, null, said)
        reply = await fetch(`http://127.0.0.1:${port}/users/u1/profile`).catch(() => undefined)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      assert.equal(reply?.status, 401, said)
      let events = ''
      for (let tries = 0; tries < 200 && !events.includes('IDENTIFY_REQUIRED'); tries++) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        events = await (await fetch(`http://127.0.0.1:${admin}/api/v1/events`)).text()
      }
      assert.match(events, /IDENTIFY_REQUIRED/)
      const about = await fetch(`http://127.0.0.1:${admin}/api/v1/about`)
      const { version, assurance } = (await about.json()) as AboutReply
      assert.equal(version, manifest['version'])
      assert.match(String(assurance?.['Chaos']), /^(?:held|did not hold), \d{4}-\d\d-\d\d$/)
    } finally {
      child.kill('SIGTERM')
      await over
    }
  })

  it('its exported names can be imported', () => {
    const program =
      "import { createGate, createApp, loadConfig, Unusable } from 'sallyport'; console.log([createGate, createApp, loadConfig, Unusable].map((one) => typeof one).join())"
    const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: home,
      encoding: 'utf8',
    })
    assert.equal(ran.stdout.trim(), 'function,function,function,function', ran.stderr)
  })
})
