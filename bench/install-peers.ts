import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Subject } from './subject.ts'

/** Installs what is missing and may be installed; says what it does on stderr. Never fails: what stays away is named. */
export function installPeers(subjects: readonly Subject[]): void {
  const peers = join(import.meta.dirname, 'peers')
  const absent = subjects.filter(({ needs }) => !existsSync(needs))
  if (absent.some(({ needs }) => needs.startsWith(peers))) {
    process.stderr.write('bench: installing the npm peers …\n')
    spawnSync('npm', ['ci', '--no-progress'], { cwd: peers, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  const packages = new Set(absent.flatMap((subject) => subject.packages))
  if (!existsSync('/usr/bin/wrk')) packages.add('wrk')
  if (!existsSync('/usr/bin/taskset')) packages.add('util-linux')
  if (packages.size === 0 || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  process.stderr.write(`bench: installing ${[...packages].join(' ')} …\n`)
  const apt = (args: readonly string[]): void => {
    spawnSync('apt-get', ['-qq', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  }
  apt(['update'])
  apt(['install', '-y', '--no-install-recommends', ...packages])
}
