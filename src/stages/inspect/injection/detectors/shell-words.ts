import { tellingCommands } from './shell-commands.ts'

/** Commands that are names of things people list and tag. */
export const products: ReadonlySet<string> = new Set(
  'node nodejs npm php python ruby perl java git docker mysql psql aws snap puppet salt terraform vagrant helm composer chef ansible julia links apt latex octave pandoc jq kubectl yarn svn'.split(
    ' ',
  ),
)

/** Commands that are words of other languages than a shell's as well. */
export const spoken: ReadonlySet<string> = new Set(
  'sleep echo nice strings tee nano dialog screen dig dash touch socket wish crash cancel ed ex vi gimp rake rust pry posh jq hd eb cal expr env nohup perf ar ll sash route ping host id ip more passwd su sash slsh chef aws rar pexec capsh choom aspell flock restic volatility hostname uptime arp readelf shuf seq od nasm dd'.split(
    ' ',
  ),
)

/** Commands that call another machine. */
export const callers: ReadonlySet<string> = new Set(
  'curl wget lynx nc ncat netcat telnet ftp tftp ssh scp nslookup dig traceroute tracert nmap rsync'.split(
    ' ',
  ),
)
/** Commands that show a file. */
export const readers: ReadonlySet<string> = new Set(
  'cat more less head tail type nl tac rev strings od xxd'.split(' '),
)

/** Names that begin as the tools of one family do. */
const families =
  /^(?:ansible|chef|docker|ssh|rmt|lwp|lxc|virt|systemd|apt|dpkg|rpm|podman|buildah|kube|gcloud|qemu|vbox|pg|mysql|nix|update|gnome|xdg)-[a-z][a-z0-9-]{1,24}$/

/** True for a command that is no word of prose. */
export function isTelling(name: string): boolean {
  return tellingCommands.has(name) || (name.includes('-') && families.test(name))
}

/** Commands that say enough alone. */
export const wholes: readonly string[] = [
  'dmesg',
  'lsmod',
  'lspci',
  'lsblk',
  'lscpu',
  'uname',
  'whoami',
  'ifconfig',
  'ipconfig',
  'netstat',
  'systeminfo',
  'phpinfo',
  'printenv',
  'tasklist',
]

/** Commands that run another one. */
export const runners: ReadonlySet<string> = new Set([
  'time',
  'exec',
  'command',
  'builtin',
  'watch',
  'eval',
  'nohup',
  'env',
  'sudo',
  'strace',
  'nice',
  'setsid',
  'timeout',
  'busybox',
  'xargs',
  'ionice',
])

/** How commands of PowerShell begin: a verb and a hyphen. */
export const powerShellVerbs: readonly string[] = [
  'get-',
  'set-',
  'new-',
  'start-',
  'stop-',
  'test-',
  'write-',
  'read-',
  'remove-',
  'add-',
  'out-',
  'copy-',
  'move-',
  'import-',
  'export-',
  'select-',
  'where-',
  'foreach-',
  'convertto-',
  'convertfrom-',
]
