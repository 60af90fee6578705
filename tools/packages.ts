// Installs the Debian packages that the tests need and this machine lacks, where that is possible: on Debian, as root.
// Elsewhere it says what is missing; tests that need it then say that they did not run, and fail under CI=true.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Package and a file that shows that what it brings is there. */
const needed: readonly (readonly [name: string, files: readonly string[]])[] = [
  ['chromium', ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome-stable']],
  // Not `apache2`: that one starts a server of its own.
  ['apache2-bin', ['/usr/sbin/apache2']],
  // The commands of the tutorial.
  ['curl', ['/usr/bin/curl']],
  ['nginx', ['/usr/sbin/nginx']],
  ['caddy', ['/usr/bin/caddy']],
  ['haproxy', ['/usr/sbin/haproxy']],
  // Tests start servers of their own; no service is asked to run.
  [
    'postgresql',
    [
      '/usr/lib/postgresql/15/bin/initdb',
      '/usr/lib/postgresql/17/bin/initdb',
      '/usr/lib/postgresql/18/bin/initdb',
    ],
  ],
  ['redis-server', ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/usr/bin/valkey-server']],
  // `apt-get` starts none: run level 1.
  ['rsyslog', ['/usr/sbin/rsyslogd']],
  [
    'rsyslog-gnutls',
    ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/rsyslog/lmnsd_gtls.so`),
  ],
  ['libapache2-mod-auth-openidc', ['/usr/lib/apache2/modules/mod_auth_openidc.so']],
]

/** Returns the names that are still missing. */
export function installPackages(): readonly string[] {
  const missing = needed.filter(([, files]) => !files.some(existsSync)).map(([name]) => name)
  if (missing.length === 0) return []
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) {
    console.error(`missing: ${missing.join(', ')}. On Debian: apt-get install ${missing.join(' ')}`)
    return missing
  }
  console.error(`installing ${missing.join(', ')} with apt-get …`)
  if (!apt(['update'])) return missing
  return apt(['install', '--yes', '--no-install-recommends', ...missing]) ? [] : missing
}

function apt(args: readonly string[]): boolean {
  const ran = spawnSync('apt-get', ['--quiet', '--quiet', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // Run level 1: what is installed starts no server of its own.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    timeout: 600_000,
  })
  if (ran.status !== 0) console.error(`apt-get ${args[0]} failed`)
  return ran.status === 0
}
