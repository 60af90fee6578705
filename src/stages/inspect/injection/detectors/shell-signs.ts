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
  sign(
    ['net'],
    0.76,
    0.4,
    /(?:^|[;|&]\s{0,3})net1?\s{1,3}(?:user|localgroup|view|use|share|group|accounts|start|stop|session)\b/,
  ),
  sign(['$()', '``', '<()', '>()'], 0.76, 0.4, /[a-z](?:\$\(\)|``|[<>]\(\))(?:[a-z]|\s)/),
  sign(['{'], 0.6, 0.3, /\{[a-z0-9./-]{2,20},[^\s,{}]{1,60}(?:,[^\s,{}]{1,60}){0,4}\}/),
]
