import type { Detector, View } from '../detector.ts'
import { compileSearch } from '../landmarks/search.ts'

/** A step up, however the separator and the dots are written after decoding. */
const up = compileSearch(/(?:^|[/\\=:,;'"\s|?&(<>])\.{2,4}(?:[/\\]{1,4}|;\/|$)/)
const steps = compileSearch(/\.{2,4};?[/\\]{1,6}(?:\.\/)?(?:\.{2,4};?[/\\]|%)/)
const mangled = compileSearch(
  /(?:\.\.(?:2f|5c|c0af|0x2f|u2215|u2216)){2}|(?:\.\.[^a-z0-9\s.]{1,3}){3}|(?:\.{2}[/\\]){2}|(?:2e2e2f|2e2e5c)/,
)
const target = compileSearch(
  /(?:^|[/\\.=:'"\s])(?:etc[/\\]{1,4}(?:passwd|shadow|hosts|group|issue|motd|profile|fstab|crontab|sudoers|mysql|apache2?|httpd|nginx|php|ssh|ssl|security|sysconfig|init\.d|rc\.d|resolv|hostname|release|samba|vsftpd|proftpd|exports|inetd|pam|ldap|postfix|network|my\.cnf|redhat-release|[a-z0-9_.-]{2,40}\.(?:conf|cnf|ini|cfg))|proc[/\\](?:self|version|\d|net|cpuinfo|meminfo|mounts|sched|interrupts|cmdline|environ|devices|filesystems|modules|partitions|swaps|uptime|stat|kcore|kallsyms|iomem|ioports)|boot\.ini|win(?:dows|nt)?[/\\](?:win\.ini|system|repair|php|my\.ini|explorer)|win\.ini|system32|web-inf|meta-inf|web\.(?:xml|config)|\.htaccess|\.htpasswd|\.ssh[/\\]|id_rsa|id_dsa|authorized_keys|\.bash_history|\.env(?:$|[^a-z])|\.git[/\\]|wp-config|global\.asa|php\.ini|httpd\.conf|my\.cnf|access[._]log|error[._]log|desktop\.ini)/,
)
const absolute =
  /^["'\s(]{0,3}(?:[a-z]:[/\\]{1,4}|[/\\]{1,4})(?:etc|proc|var[/\\][a-z]|usr[/\\](?:local|etc|lib|share|home|pkg|ports|sbin|bin|apache|spool|internet)|root[/\\.]|home[/\\][^/\\\s]{1,40}[/\\]\.?[a-z_]|opt[/\\][a-z]|logs?[/\\]|boot[/\\]|dev[/\\]|sys[/\\]|users[/\\]administrator|srv[/\\]|www[/\\]|apache|xampp|wamp|windows|winnt|inetpub|program files|documents and settings|mysql|php|nginx|library[/\\]|private[/\\]|system[/\\]|volumes|bin[/\\]|minint|sysprep|unattend|autoexec|boot\.ini|pagefile|recycler|temp[/\\]|tmp[/\\]|weblogic|tomcat)/
const wrapper = compileSearch(
  /^["'\s=]{0,3}(?:(?:php|expect|phar|zip|compress\.(?:zlib|bzip2)|glob|ogg|rar|ssh2(?:\.\w{2,6})?|zlib|file|jar|netdoc|dict|gopher|ldaps?|tftp|sftp|vbscript|view-source|unix):\/{1,4}[a-z0-9.%/\\~_{"'$]|data:(?:\/\/)?[a-z/+;=]{0,60},)|(?:php:\/\/(?:filter|input|stdin|fd|memory|temp|output))|(?:\bfile:\/{1,3}[a-z.%/~])|convert\.(?:iconv|base64|quoted)|(?:expect|phar|zip):\/\//,
)

/** A name near the longest that file systems take (NAME_MAX), of one character: it pushes an ending off a path. */
const longRun = 200

function hasLongRun(text: string): boolean {
  let run = 1
  for (let i = 1; i < text.length; i++) {
    run = text.charCodeAt(i) === text.charCodeAt(i - 1) ? run + 1 : 1
    if (run >= longRun && text.charCodeAt(i) !== 32) return true
  }
  return false
}

const overlong = /%c[01](?:%|[^a-z0-9])|%e0%80|%f0%80|%f8%80|%fc%80/g
const broken = /%(?![0-9a-f]{2}|u[0-9a-f]{4})\S{2}|%u[ef][0-9a-f]{3}|%bg/g
const looseTarget = compileSearch(
  /etc[^a-z0-9\s]{1,10}(?:c0|2f|5c|u[ef][0-9a-f]{3}|[0-9]{1,3})?\S{0,8}(?:passwd|issue|hosts|shadow)|etcpasswd|boot\.ini|windows\S{0,10}(?:system32|win\.ini)|win\.ini/,
)
/** Steps and files whose separators were taken out on the way, which a later reading may put back. */
const unseparated = compileSearch(
  /(?:^[a-z]:|\.\.\S{0,6})(?:etc\S{0,8}(?:passwd|shadow|hosts|group|issue|motd)|procself\S{0,3}(?:environ|cmdline|maps)|boot\.ini|(?:windows|winnt)\S{0,2}(?:win\.ini|system32|php\.ini|repair)|win\.ini|web-inf\S{0,2}web\.xml|meta-inf|inetpub\S{0,2}wwwroot)/,
)
/** Files and folders that tools keep hidden, and that hold what nobody is to read. */
const hidden = compileSearch(
  /(?:^|[/\\])\.(?:git(?:[/\\]|ignore|config|modules|-credentials|lab-ci)|svn|hg|bzr|aws|ssh|kube|docker|gnupg|idea|vscode|npmrc|yarnrc|pypirc|netrc|pgpass|s3cfg|boto|my\.cnf|\w{1,12}_history|bash(?:rc|_profile|_logout)|zshrc|profile|ht(?:access|passwd)|ds_store|dockerenv|env|travis\.yml|\w{2,12}ignore|terraform|vagrant|circleci|config)(?:$|[/\\.?]|ignore)/,
)
const loosePairs = compileSearch(/(?:[.?]{2}[^a-z0-9\s.?]{1,4}){2}/)

const oddSteps = compileSearch(/\.\.[^a-z0-9\s.:,;!?'"-]{1,3}[/\\]|(?:^|[/\\])\.\\\.[/\\]/)
const onlySteps = compileSearch(/^[/\\]\.{2,200}[^./\\]|[/\\]\.{4,200}[^./\\]/)
const dotted = compileSearch(/(?:[/\\]\.{1,3}){2}|0x2e0x2e/)
const plainStep = compileSearch(/\.\.[/\\]|[/\\]\.\.$|\.\.;/)
const accounts = compileSearch(/etc[/\\]{1,4}(?:passwd|shadow)/)
const zero = compileSearch(/%00|\0/)

/** One word; folders of Windows whose names have blanks count as one. */
function isSingle(lower: string): boolean {
  const trimmed = lower.trim()
  if (!/\s/.test(trimmed)) return true
  if (trimmed.length > 2_000 || !/[\\/]/.test(trimmed)) return false
  return !/\s/.test(
    trimmed.replace(
      /program files|documents and settings|apache group|[a-z]:\\[a-z]{1,20} [a-z]{1,20}\\/g,
      '',
    ),
  )
}

/** Escapes that no writer makes: overlong UTF-8 and percent signs before what is no number. */
function strangeEscapes(text: string): number {
  return (text.match(overlong)?.length ?? 0) + (text.match(broken)?.length ?? 0)
}

function run(view: View): number {
  const { place } = view
  const written = view.lower.includes('0x')
    ? view.lower.replace(/0x2e/g, '.').replace(/0x2f/g, '/').replace(/0x5c/g, '\\')
    : view.lower
  const lower = written.includes('/./') ? written.replace(/\/(?:\.\/){1,100}/g, '/') : written
  if (lower.length < 4_000 && (lower.includes('%') || lower.includes('?'))) {
    const odd = strangeEscapes(lower)
    const aimed = looseTarget.test(lower)
    if (aimed && odd >= 1) return view.prose ? 0.5 : 0.9
    if (!/\s/.test(lower) && /%c[01]%[ab8]|%c0%[25]|%e0%80%[ab]|%f0%80%80%[ab]/.test(lower)) return 0.75
    if (odd >= 2 && !/\s/.test(lower) && /%c[01]|%u[ef]|%e0%[48]0|%f0%80|%bg/.test(lower)) return 0.75
    if (odd >= 3 && /%c[01]|%e0%80|%f[08c]%80/.test(lower)) return 0.8
    if (aimed && loosePairs.test(lower)) return 0.85
  }
  if (!/\s/.test(lower)) {
    if (unseparated.test(lower)) return 0.8
    if (place === 'path' && (hidden.test(lower) || /[/\\](?:debug|errors?|access)[._-]?log$/.test(lower)))
      return 0.75
    if (
      /^\.(?:ssh|aws|kube|gnupg)[/\\]|^\.(?:netrc|pgpass|git-credentials|\w{1,12}_history)$|^\.git[/\\](?:config|head|index|logs|objects|refs)/.test(
        lower,
      )
    )
      return 0.73
    if (oddSteps.test(lower) && !/^https?:|\.\.\.|…/.test(lower)) return 0.75
    // Nothing but steps before a name: `/....name`.
    if (onlySteps.test(lower)) return 0.75
  }
  const single = isSingle(lower)
  if (wrapper.test(lower)) {
    if (view.prose) return 0.5
    if (/php:\/\/|expect:\/\/|phar:\/\/|convert\./.test(lower)) return 0.92
    if (/^["'\s=]{0,3}data:/.test(lower))
      return /;base64,|text\/|,<|php/.test(lower) && !/^data:image\/(?:png|jpe?g|gif|webp);/.test(lower)
        ? 0.75
        : 0.3
    return single ? 0.85 : 0.6
  }
  if (single && dotted.test(view.lower)) return 0.8
  const sensitive = target.test(lower)
  if (steps.test(lower) || mangled.test(lower))
    return view.prose ? 0.6 : sensitive ? 0.95 : single ? 0.93 : 0.82
  const climbs = up.test(lower)
  if (climbs && sensitive) return view.prose ? 0.6 : 0.93
  if (climbs && single && plainStep.test(lower))
    return /^https?:\/\//.test(lower) || /\.(?:png|jpe?g|gif|svg|css|js|html?|webp|mp[34])$/.test(lower)
      ? 0.6
      : place === 'header'
        ? 0.7
        : 0.78
  if (absolute.test(lower) && single) {
    if (sensitive) return 0.9
    return /^["']?[/\\]{1,4}(?:tmp|temp|users|home|opt|logs?|system|php|mysql|library)[/\\]/.test(lower) &&
      !/\.(?:log|conf|ini|cfg|xml|ya?ml|bak|old|pwd|inc|sql|db|mdb|passwd|properties)\b/.test(lower)
      ? 0.5
      : 0.76
  }
  if (sensitive && single && /[/\\]/.test(lower))
    return /^(?:\/|\\|[a-z]:|\.\/|file|~)/.test(lower)
      ? 0.8
      : /etc[/\\]|\.ssh|proc[/\\]self|web-inf|boot\.ini|win\.ini|\.\./.test(lower)
        ? 0.75
        : 0.45
  if (single && lower.length > longRun && /\.\.|[/\\]/.test(lower) && hasLongRun(lower)) return 0.75
  if (sensitive && accounts.test(lower) && !view.prose) return 0.75
  if (
    single &&
    /^(?:\/)?(?:\.ht(?:access|passwd)|\.env|\.git\/|\.ssh\/|\.bash_history|web\.config|wp-config\.php|boot\.ini|win\.ini)/.test(
      lower,
    )
  )
    return 0.7
  if (single && zero.test(lower) && /\.[a-z]{2,4}/.test(lower)) return 0.75
  return 0
}

/** Steps out of a folder, files that no caller names, and file wrappers. */
export const pathDetector: Detector = {
  name: 'path.traversal',
  class: 'traversal',
  needs: [
    [
      '..',
      '/',
      '\\',
      '2e2e',
      '%',
      '0x',
      '.ini',
      'etcpasswd',
      '.ht',
      '.netrc',
      '.pgpass',
      '_history',
      '.env',
      '.log',
      'id_rsa',
      'id_dsa',
      'authorized_keys',
      'httpd.conf',
      'my.cnf',
      'system32',
      'web.config',
      'web.xml',
      'wp-config',
      'global.asa',
      'convert.',
      'data:',
      '\0',
      '?.',
      '.?',
      '??',
    ],
  ],
  run,
}
