import type { Detector, View } from '../detector.ts'
import { compileSearch, type Search, shortest } from '../landmarks/search.ts'
import { type CalledName, readCalls } from './called-names.ts'
import { phpSettingFamilies, phpSettingNames } from './php-settings.ts'

/** Functions of PHP that a value has no business to call. */
const phpFunctions = new Set(
  'array_filter array_map assert base64_decode bzopen call_user_func call_user_func_array chmod chr constant create_function curl_exec curl_init define dl error_reporting explode extract gethostbyname file_get_contents file_put_contents fopen fsockopen func_get_args fwrite get_defined_vars get_object_vars getcwd getenv getlastmod getmyuid gzinflate gzopen hex2bin highlight_file implode ini_get ini_set is_callable mail move_uploaded_file ob_start opendir parse_ini_file parse_str passthru pcntl_exec php_uname phpinfo phpversion popen preg_replace print_r proc_open putenv readfile register_shutdown_function scandir shell_exec show_source str_rot13 strrev symlink sys_get_temp_dir tempnam unlink unserialize usort var_dump'.split(
    ' ',
  ),
)
/** The same by family. */
const phpFamily =
  /^(?:posix|ldap|mysqli?|pg|sqlite|odbc|session|stream|openssl|array|str|apache)_\w{2,40}$|^imagecreate\w{2,20}$/
/** Names that mean code where they are called with a string or a name. */
const callNames = new Set(
  'system exec eval execute passthru assert spawn popen include include_once require require_once die print echo'.split(
    ' ',
  ),
)
/** Names after which JavaScript on a server, or another language, is worth a look. */
const nodeNames = new Set(
  'require while for function eval import end send write execsync spawnsync execfilesync'.split(' '),
)
const otherNames = new Set(
  '__import__ system popen exec environ getcwd listdir spawn call run check exit fork read open send const_get instance_eval entries capture write execute createobject eval print sleep getattr compile'.split(
    ' ',
  ),
)

const phpMarks = compileSearch(
  /<\?(?:php\b|=|\s{0,4}(?:php|echo|system|eval|phpinfo|@|\$)|$|xml\s{0,4}:)|\[[/\\]?php\]|\$\s{0,20}\{\s{0,20}['"$]|\$\s{1,20}\{|\$_(?:get|post|request|cookie|server|files|session|env)\b|\$globals\b/,
)
const phpSettings = compileSearch(
  new RegExp(
    `(?:^|[^\\w.])(?:(?:${phpSettingNames.join('|')})|(?:${phpSettingFamilies.join('|').replaceAll('.', '\\.')})\\w{2,30}(?:\\.\\w{2,30})?)\\s{0,4}[=%]|php_value\\b`,
  ),
)
const commentedCall = compileSearch(/[a-z_]\s{0,4}\/\*/)
const quotedCall = compileSearch(
  /["']\s{0,2}[.+]\s{0,2}[\w.$]{2,40}\([^()]{0,80}(?:\([^()]{0,60}\)[^()]{0,40})?\)\s{0,2};?\s{0,2}(?:[.+]\s{0,2}["']|\/\/|#)|^\s{0,4}(?:print|echo)\s{1,4}\w{2,30}\([^()]{0,60}\);?\s{0,4}$|"(?:system|exec|eval|passthru|assert)"\s{0,2}\(|'(?:system|exec|eval|passthru|assert)'\s{0,2}\(|\((?:system|exec|passthru|eval)\)\s{0,2}\(/,
)
const node = compileSearch(
  /\brequire\s{0,4}\(\s{0,4}['"`](?:child_process|fs|http|net|os|vm|util|path|cluster|process)\b|\bchild_process\b|\bprocess\s{0,2}(?:\.|\[)\s{0,2}['"]?(?:env|exit|mainmodule|binding|argv|cwd|kill|dlopen|version|versions|abort)\b|\bglobal(?:this)?\.process|(?:exec|spawn|execfile)sync\s{0,2}\(|\bwhile\s{0,4}\(\s{0,4}(?:[!+~[\]'"{}]{1,12}|!{0,2}(?:true|1|nan|null|undefined|false|infinity)|[+-]?infinity|\d|.{1,12}\)\s{0,2};?$)|\bfor\s{0,4}\(\s{0,4};\s{0,4};|\bnew\s{1,4}function\s{0,4}\(|\bfunction\s{0,4}\(\s{0,4}\)\s{0,4}\{|\(\)\s{0,2}=>|\bmodule\.exports|\bthis\.constructor\.|\beval\s{0,4}\(\s{0,4}(?:string|atob|buffer|['"`a-z])|\bres\.(?:end|send|write)\s{0,2}\(|import\(\s{0,2}['"]/,
)
const nodeMarks = ['child_process', 'process', 'module.exports', 'constructor', '=>', 'function', 'sync']
const other = compileSearch(
  /__import__\s{0,4}\(|\bos\.(?:system|popen|exec|environ|getcwd|listdir|spawn)|\bsubprocess\.(?:popen|call|run|check)|__(?:class|subclasses|globals|builtins|mro|base|bases|init|getitem|import|dict|code)__|\bimport (?:os|sys|subprocess|socket|pty|commands)\b\s{0,4}(?:[;,\n]|$|\.)|\b(?:kernel|io|process|file|object|dir|open3)(?:::\w|\.(?:exit|system|exec|popen|fork|spawn|read|open|send|const_get|instance_eval|entries|capture)\s{0,2}\()|%x[({[`'"/|!]|\binstance_eval\b|@\{\[|\buse (?:socket|posix|io::)|\bperl -[a-z]{0,4}e|\bpython\d? -c|\bruby -e|response\.write\s{0,2}\(|server\.(?:execute|createobject|mappath)|\bcreateobject\s{0,2}\(|\bimport java\.|\beval\s{0,4}\(\s{0,4}(?:["'`$]|compile|request|open)|\bexec\s{0,4}\(\s{0,4}['"`$]|\bopen\s{0,4}\(\s{0,4}['"][^'"]{1,80}['"]\s{0,4}\)|\bputs ['"]|print\(\s{0,2}['"$]|\bthread\.sleep|\btime\.sleep\s{0,2}\(|\bgetattr\s{0,2}\(|\bcompile\s{0,2}\(\s{0,2}['"]/,
)
const otherMarks = [
  '__',
  '::',
  'import ',
  'os.',
  'subprocess',
  '%x',
  '@{[',
  'use ',
  'perl -',
  'python',
  'ruby -',
  'puts ',
  'thread.sleep',
  'kernel.',
  'instance_eval',
]

const has = (text: string, marks: readonly string[]): boolean => marks.some((mark) => text.includes(mark))

/** A pattern, and marks or calls one of which the text has: in long texts the pattern is the cheaper question. */
function holds(
  lower: string,
  pattern: Search,
  calls: readonly CalledName[],
  marks: readonly string[],
  names: ReadonlySet<string>,
): boolean {
  if (lower.length >= shortest && !pattern.test(lower)) return false
  if (!has(lower, marks) && !calls.some(({ name }) => names.has(name))) return false
  return lower.length >= shortest || pattern.test(lower)
}

function run(view: View): number {
  const { lower } = view
  const calls = lower.includes('(') ? readCalls(lower) : []
  let best = 0
  if (isPhp(lower, calls))
    best = /<\?php|<\?=|\$_(?:get|post|request|cookie|server)\b/.test(lower) ? 0.93 : 0.8
  if (best < 0.85 && holds(lower, node, calls, nodeMarks, nodeNames)) best = 0.85
  if (best < 0.85 && holds(lower, other, calls, otherMarks, otherNames)) best = 0.85
  if (best < 0.8 && (calls.some((call) => isCodeCall(lower, call)) || quotedCall.test(lower))) best = 0.78
  return best > 0 && view.prose ? Math.min(best - 0.15, 0.66) : best
}

function isPhp(lower: string, calls: readonly CalledName[]): boolean {
  if ((lower.includes('<?') || lower.includes('$') || lower.includes('php]')) && phpMarks.test(lower))
    return true
  if (calls.some(({ name }) => isPhpName(name))) return true
  if ((lower.includes('=') || lower.includes('%') || lower.includes('php_value')) && phpSettings.test(lower))
    return true
  return lower.includes('/*') && commentedCall.test(lower) && hasCommentedCall(lower)
}

function isPhpName(name: string): boolean {
  return phpFunctions.has(name) || ((name.includes('_') || name.startsWith('image')) && phpFamily.test(name))
}

/** A comment between a name and its bracket. */
function hasCommentedCall(lower: string): boolean {
  for (const { name } of readCalls(lower.replace(/\/\*[^*]{0,40}\*\//g, ''))) if (isPhpName(name)) return true
  return /(?:^|[^a-z0-9_])(?:shell_exec|passthru|system|eval|assert|phpinfo)\s{0,4}\/\*/.test(lower)
}

const argument = new Set(['"', "'", '$', '`'])

function isCodeCall(lower: string, { name, before, gap, at }: CalledName): boolean {
  if (!callNames.has(name) || (before !== '' && /[a-z0-9_.]/.test(before))) return false
  let next = at + 1
  while (next < at + 5 && lower.charCodeAt(next) <= 32) next++
  const first = lower.charAt(next)
  if (argument.has(first)) return true
  return gap === 0 && (first === '' || first === '\\' || /[a-z_]/.test(first))
}

/** PHP, JavaScript on a server, Python, Ruby, Perl, ASP: code that a value brings along. */
export const codeDetector: Detector = {
  name: 'code.call',
  class: 'code',
  needs: [
    [
      '(',
      '<?',
      '[php]',
      '[/php]',
      '[\\php]',
      '$',
      '__',
      '%x',
      '=>',
      'child_process',
      'process.',
      'process[',
      'subprocess',
      'import os',
      'import sys',
      'import sub',
      'import soc',
      'import pty',
      'import com',
      'import java.',
      'module.exports',
      '.constructor.',
      '@{[',
      'perl -',
      'python',
      'ruby -',
      "puts '",
      'puts "',
      'instance_eval',
      'use socket',
      'use posix',
      'use io',
      '::',
      'os.system',
      'os.popen',
      'os.exec',
      'os.environ',
      'os.getcwd',
      'os.listdir',
      'os.spawn',
      'thread.sleep',
      'php_value',
      ...phpSettingNames,
      ...phpSettingFamilies,
      '/*',
      '_server.execute',
      'server.mappath',
    ],
  ],
  run,
}
