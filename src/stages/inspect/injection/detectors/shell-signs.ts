import { powerShellVerbs } from './shell-words.ts'

/** A sign that only shells read, wherever it stands. */
export interface ShellSign {
  /** One of these stands in every text that the shape matches. */
  readonly marks: readonly string[]
  readonly shape: RegExp
  readonly confidence: number
  /** The same in a text that reads like sentences. */
  readonly quoted: number
}

const sign = (marks: readonly string[], confidence: number, quoted: number, shape: RegExp): ShellSign => ({
  marks,
  shape,
  confidence,
  quoted,
})

export const shellSigns: readonly ShellSign[] = [
  // shellshock
  sign(['()'], 0.92, 0.92, /(?:^|[^\w])\(\)\s{0,4}\{/),
  sign(['$ifs', '${ifs'], 0.9, 0.6, /\$\{?ifs\b/),
  sign(['bin/'], 0.8, 0.5, /\/(?:usr\/(?:local\/)?)?s?bin\/[a-z0-9*?]{1,20}(?:\s|$|[;|&"'`)])/),
  sign(['/dev/'], 0.92, 0.75, /\/dev\/(?:tcp|udp)\//),
  sign(
    ['cmd', 'powershell', 'wscript.', 'invoke-', 'iex', 'downloadstring'],
    0.9,
    0.6,
    /\b(?:cmd(?:\.exe)?\s{1,4}\/[ckr]\b|powershell(?:\.exe)?\s{1,4}-[a-z]|wscript\.shell|\binvoke-(?:expression|webrequest|restmethod|command)|\biex\s{0,2}\(|downloadstring)/,
  ),
  sign(
    ['$'],
    0.8,
    0.5,
    /\bx=\$?['"]?[a-z/]{1,20}['"]?\s{0,4};\s{0,4}\$x|\$\(\(|\$\{[a-z#!@]{1,20}(?::\d{1,3}:\d{1,3}|%%|##|\/\/)/,
  ),
  sign(['<', '>'], 0.82, 0.5, /<\s{0,2}(?:\/etc\/|\/proc\/)|>\s{0,2}\/(?:tmp|dev|var|etc)\//),
  sign(
    ['{'],
    0.76,
    0.4,
    /[a-z]\{[a-z]{1,4},[a-z]{1,5}\}[a-z]|\{[a-z]{1,4},-[a-z]{1,4}\}|\{,["'$a-z/]|\w\(\)\s{0,2}\{.{0,20}[|&]/,
  ),
  sign(
    ['/', '$['],
    0.76,
    0.4,
    /\[[a-z]\/{1,10}\]|\$\[\d{0,4}[+*-]?\d{0,4}\]|\$[a-z]{1,12}\/(?:bin|etc|usr)\$/,
  ),
  // loops, branches and functions
  sign(
    ['; do', ';do', '; then', ';then', '\ndo', '\nthen'],
    0.85,
    0.6,
    /\b(?:for\s{1,4}\w{1,30}\s{1,4}in\s[^\n]{1,80}|(?:while|until)\s[^\n]{1,60}|select\s{1,4}\w{1,30}\s{1,4}in\s[^\n]{1,80})[;\n]\s{0,4}do\b.{1,120}[;\n}]\s{0,4}done\b|\bif\s[^\n]{1,80}[;\n]\s{0,4}then\b.{1,120}[;\n]\s{0,4}fi\b/,
  ),
  sign(
    ['esac', ') {', '(){', '){', 'function '],
    0.76,
    0.4,
    /\bcase\s{1,4}\S{1,60}\s{1,4}in\s.{1,80}\besac\b|(?:^|[;&|\n]\s{0,3})(?:function\s{1,4}\w{1,30}|\w{1,30}\s{0,2}\(\))\s{0,2}\{\s[^{}:]{1,60};\s{0,2}\}/,
  ),
  // variables and loops of Windows
  sign(
    ['%'],
    0.82,
    0.5,
    /%(?:comspec|systemroot|systemdrive|windir|program(?:files|data|w6432)(?:\(x86\))?|(?:local)?appdata|temp|tmp|userprofile|username|userdomain|path|pathext|homedrive|homepath|computername|os|allusersprofile|public|processor_\w{2,20}|errorlevel|cd)(?::~-?\d{1,3}(?:,-?\d{1,3})?)?%|\bfor\s{1,4}(?:\/[dflr]\s{1,4})?.{0,30}%{1,2}\w\s{1,4}in\s{0,4}\(/,
  ),
  sign(
    [' exist ', 'set /'],
    0.8,
    0.4,
    /\bif\s{1,4}(?:not\s{1,4})?exist\s{1,4}(?:[a-z]:|\\|%)|(?:^|[;|&\n]\s{0,3})set\s{1,4}\/[ap]\s/,
  ),
  // PowerShell: variables of the environment, types, calls of what a string names, commands by verb and noun
  sign(
    ['$env:', '${env:', ']::', "('", '("'],
    0.82,
    0.5,
    /\$\{?env:[a-z]|\[(?:system\.|net\.|io\.|text\.|diagnostics\.|reflection\.|runtime\.|convert|scriptblock|activator|environment|appdomain)[\w.]{0,60}\]::\w|(?:^|[;|&\s])[&.]\s?\(\s?["'][^"']{1,20}["']\s{0,2}\+/,
  ),
  sign(
    [...powerShellVerbs],
    0.82,
    0.5,
    /(?:^|[^\w-])(?:get|set|new|start|stop|test|write|read|remove|add|out|copy|move|import|export|select|where|foreach|convertto|convertfrom)-(?:childitem|content|process|service|item(?:property)?|location|wmiobject|ciminstance|object|expression|webrequest|restmethod|output|host|sleep|job|eventlog|acl|psdrive|executionpolicy|variable|path|connection|netconnection|netipaddress|nettcpconnection|ad(?:user|computer|group|domain)|localuser|localgroup\w{0,10}|hotfix|computerinfo|clipboard|module|mppreference|mpcomputerstatus|securestring|credential|string|csv|clixml|json|base64string|file|null|type|member|command|alias|history|date|scheduledtask\w{0,10})\b/,
  ),
  // where output goes, strings as input, escapes in quotes, the line before
  sign(
    ['>&', '<<<', "$'", '!-', '. /', '. ./', '. ~', 'dd ', 'find ', 'histfile'],
    0.76,
    0.4,
    /\d>&\d|[\w)$]\s?<<<\s?["'$\w]|\$'[^']{0,60}\\[x0-7u]|(?:^|[;|&]\s{0,3})!-\d|(?:^|[;|&]\s{0,3})\.\s{1,3}(?:\.{0,2}|~)\/\w|\bdd\s{1,4}(?:if|of)=|\bfind\s{1,4}[./~]\S{0,40}\s.{0,60}-(?:exec|name|type|perm|delete|ok|print|maxdepth)\b|\bunset\s{1,4}histfile/,
  ),
  // tools of Windows by what only they are told
  sign(
    ['reg ', 'reg.exe ', 'sc ', 'sc.exe ', 'query ', 'netsh ', 'wmic '],
    0.8,
    0.4,
    /(?:^|[;|&\n`]\s{0,3}|\$\()(?:reg(?:\.exe)?\s{1,4}(?:query|add|delete|save|export|import|load)\s{1,4}["']?(?:hk|\\)|sc(?:\.exe)?\s{1,4}(?:\\\\\S{1,40}\s{1,4})?(?:query|qc|config|create|delete|start|stop)(?:\s{1,4}\w|\s{0,4}$)|query\s{1,4}(?:user|session|process)\s{0,4}$|netsh\s{1,4}(?:firewall|advfirewall|interface|wlan|int|winhttp|trace|http)\s|wmic\s{1,4}(?:\/|os\b|process\b|useraccount|service\b|logicaldisk|product\b|qfe|bios|cpu|group\b|share\b|computersystem|startup|path\b|nic\b|csproduct|shadowcopy|alias|baseboard))/,
  ),
  sign(
    ['net ', 'net\t', 'net1 ', 'net1\t'],
    0.76,
    0.4,
    /(?:^|[;|&\n\r`]\s{0,3}|\$\()net1?[ \t]\s{0,2}(?:user|localgroup|view|use|share|group|accounts|start|stop|session)\b/,
  ),
  sign(['$()', '``', '<()', '>()'], 0.76, 0.4, /[a-z](?:\$\(\)|``|[<>]\(\))(?:[a-z]|\s)/),
  sign(['{'], 0.6, 0.3, /\{[a-z0-9./-]{2,20},[^\s,{}]{1,60}(?:,[^\s,{}]{1,60}){0,4}\}/),
]
