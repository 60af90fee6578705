#!/usr/bin/env node
// Plain JavaScript that any Node from 18 on can run: installs what is missing, then runs the named TypeScript
// file with the Node that the repository brings.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const stamp = join(modules, '.sallyport-lock')
const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.error('sallyport: installing packages (npm ci) …')
  const npm = process.env.npm_execpath
  const [command, args] = npm === undefined ? ['npm', ['ci']] : [process.execPath, [npm, 'ci']]
  const installed = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (installed.status !== 0) process.exit(installed.status ?? 1)
  writeFileSync(stamp, lock)
}

const brought = join(modules, '.bin', process.platform === 'win32' ? 'node.exe' : 'node')
// From 24.7 on `crypto.argon2` is there.
const [major, minor] = process.versions.node.split('.').map(Number)
const isNewEnough = major > 24 || (major === 24 && minor >= 7)
const node = isNewEnough || !existsSync(brought) ? process.execPath : brought
if (!isNewEnough && node === process.execPath) {
  console.error(
    `sallyport: needs Node 24.7 or newer; this is ${process.version} and no package brings one for ${process.platform}-${process.arch}`,
  )
  process.exit(2)
}

const [file, ...rest] = process.argv.slice(2)
const path = [join(modules, '.bin'), dirname(node), process.env.PATH].join(
  process.platform === 'win32' ? ';' : ':',
)
const child = spawn(node, [join(root, file), ...rest], {
  stdio: 'inherit',
  env: { ...process.env, PATH: path },
})
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
