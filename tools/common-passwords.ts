import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * Writes src/authority/accounts/common-passwords.generated.ts from the list of @zxcvbn-ts/language-common (MIT;
 * a development dependency), which orders passwords of published breaches by how often they were seen. Kept are those
 * that a password of eight characters could be, and the commonest shorter ones: longer passwords are built on them.
 */
const shortOnes = 4_000
const target = new URL('../src/authority/accounts/common-passwords.generated.ts', import.meta.url)

const home = dirname(dirname(createRequire(import.meta.url).resolve('@zxcvbn-ts/language-common')))
const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }
const ranked = JSON.parse(readFileSync(join(home, 'src/passwords.json'), 'utf8')) as string[]
const plain = ranked.filter((entry) => /^[\x21-\x7e]+$/.test(entry) && entry === entry.toLowerCase())
const kept = [
  ...plain.filter((entry) => entry.length >= 8),
  ...plain.filter((entry) => entry.length >= 4 && entry.length < 8).slice(0, shortOnes),
].sort()

const lines = kept.join(' ').replace(/[\\`$]/g, '\\$&')
writeFileSync(
  target,
  `// Made by tools/common-passwords.ts from @zxcvbn-ts/language-common ${version}: do not edit.
// Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc.; Copyright (c) 2021 zxcvbn-ts. MIT License.

/** ${kept.length} common passwords, lower case, separated by spaces. */
export const commonPasswordText: string =
  \`${lines}\`
`,
)
process.stdout.write(`${kept.length} passwords\n`)
