#!/usr/bin/env node
// Starts the command line with a Node that is new enough: the running one, or the one the package brings.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const source = join(root, 'src', 'cli', 'main.ts')
const main = existsSync(source) ? source : join(root, 'dist', 'cli', 'main.js')

if (Number(process.versions.node.split('.')[0]) >= 24) {
  const { main: run } = await import(pathToFileURL(main).href)
  process.exitCode = await run(process.argv.slice(2))
} else {
  const brought = join(root, 'node_modules', '.bin', 'node')
  if (!existsSync(brought)) {
    console.error(`sallyport: needs Node 24 or newer; this is ${process.version}`)
    process.exit(2)
  }
  const child = spawn(brought, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => process.exit(code ?? 1))
}
