#!/usr/bin/env node
// Starts the command line with a Node that is new enough: the running one, or the one the package brings.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const source = join(root, 'src', 'cli', 'main.ts')
const main = existsSync(source) ? source : join(root, 'dist', 'cli', 'main.js')

// From 24.7 on `crypto.argon2` is there.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major > 24 || (major === 24 && minor >= 7)) {
  // Compiled code is kept where the code is: whoever may write there may write the code as well. Elsewhere, or where that
  // folder cannot be written, nothing is kept.
  enableCompileCache(join(root, 'node_modules', '.cache', 'sallyport'))
  const { main: run } = await import(pathToFileURL(main).href)
  process.exitCode = await run(process.argv.slice(2))
} else {
  const brought = join(root, 'node_modules', '.bin', 'node')
  if (!existsSync(brought)) {
    console.error(`sallyport: needs Node 24.7 or newer; this is ${process.version}`)
    process.exit(2)
  }
  const child = spawn(brought, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => process.exit(code ?? 1))
}
