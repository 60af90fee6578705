import type { Detector, View } from '../detector.ts'

const php =
  /<\?(?:php\b|=|\s{0,4}(?:php|echo|system|eval|phpinfo|@|\$)|$|xml\s{0,4}:)|\[[/\\]?php\]|\$\s{0,20}\{\s{0,20}['"$]|\$\s{1,20}\{|\$_(?:get|post|request|cookie|server|files|session|env)\b|\$globals\b|\bphpinfo\s{0,4}\(|\bbase64_decode\s{0,4}\(|\b(?:shell_exec|passthru|proc_open|popen|pcntl_exec|create_function|call_user_func(?:_array)?|array_map|array_filter|preg_replace|assert|ini_set|ini_get|putenv|fsockopen|file_get_contents|file_put_contents|fopen|fwrite|readfile|move_uploaded_file|unserialize|gzinflate|str_rot13|chr|hex2bin|func_get_args|get_defined_vars|get_object_vars|opendir|scandir|highlight_file|show_source|var_dump|print_r|error_reporting|extract|parse_str|parse_ini_file|ob_start|register_shutdown_function|usort|is_callable|curl_exec|curl_init|symlink|chmod|unlink|tempnam|dl|mail|getenv|getcwd|getlastmod|getmyuid|phpversion|php_uname|sys_get_temp_dir|posix_\w{2,20}|ldap_\w{2,30}|mysqli?_\w{2,30}|pg_\w{2,30}|sqlite_\w{2,30}|odbc_\w{2,20}|fsockopen|gzopen|bzopen|imagecreate\w{2,20}|session_\w{2,20}|stream_\w{2,30}|openssl_\w{2,20}|array_\w{2,20}|str_\w{2,16}|strrev|implode|explode|define|constant|apache_\w{2,20})\s{0,4}(?:\(|\/\*)|\b(?:auto_prepend_file|allow_url_include|disable_functions|open_basedir|safe_mode)\s{0,4}[=%]|php_value\b/
const calls =
  /(?:^|[^a-z0-9_.])(?:system|exec|eval|execute|passthru|assert|spawn|popen|include|include_once|require|require_once|die|print|echo)(?:\(\s{0,4}(?:['"$\\`a-z_]|$)|\s{1,4}\(\s{0,4}['"$`])|(?:"(?:system|exec|eval|passthru|assert)"|'(?:system|exec|eval|passthru|assert)'|\((?:system|exec|passthru|eval)\))\s{0,2}\(/
const node =
  /\brequire\s{0,4}\(\s{0,4}['"`](?:child_process|fs|http|net|os|vm|util|path|cluster|process)\b|\bchild_process\b|\bprocess\s{0,2}(?:\.|\[)\s{0,2}['"]?(?:env|exit|mainmodule|binding|argv|cwd|kill|dlopen|version|versions|abort)\b|\bglobal(?:this)?\.process|(?:exec|spawn|execfile)sync\s{0,2}\(|\bwhile\s{0,4}\(\s{0,4}(?:[!+~[\]'"{}]{1,12}|!{0,2}(?:true|1|nan|null|undefined|false|infinity)|[+-]?infinity|\d|.{1,12}\)\s{0,2};?$)|\bfor\s{0,4}\(\s{0,4};\s{0,4};|\bnew\s{1,4}function\s{0,4}\(|\bfunction\s{0,4}\(\s{0,4}\)\s{0,4}\{|\(\)\s{0,2}=>|\bmodule\.exports|\bthis\.constructor\.|\beval\s{0,4}\(\s{0,4}(?:string|atob|buffer|['"`a-z])|\bres\.(?:end|send|write)\s{0,2}\(|import\(\s{0,2}['"]/
const other =
  /__import__\s{0,4}\(|\bos\.(?:system|popen|exec|environ|getcwd|listdir|spawn)|\bsubprocess\.(?:popen|call|run|check)|__(?:class|subclasses|globals|builtins|mro|base|bases|init|getitem|import|dict|code)__|\bimport (?:os|sys|subprocess|socket|pty|commands)\b\s{0,4}(?:[;,\n]|$|\.)|\b(?:kernel|io|process|file|object|dir|open3)(?:::\w|\.(?:exit|system|exec|popen|fork|spawn|read|open|send|const_get|instance_eval|entries|capture)\s{0,2}\()|%x[({[`'"/|!]|\binstance_eval\b|@\{\[|\buse (?:socket|posix|io::)|\bperl -[a-z]{0,4}e|\bpython\d? -c|\bruby -e|response\.write\s{0,2}\(|server\.(?:execute|createobject|mappath)|\bcreateobject\s{0,2}\(|\bimport java\.|\beval\s{0,4}\(\s{0,4}(?:["'`$]|compile|request|open)|\bexec\s{0,4}\(\s{0,4}['"`$]|\bopen\s{0,4}\(\s{0,4}['"][^'"]{1,80}['"]\s{0,4}\)|\bputs ['"]|print\(\s{0,2}['"$]|\bthread\.sleep|\btime\.sleep\s{0,2}\(|\bgetattr\s{0,2}\(|\bcompile\s{0,2}\(\s{0,2}['"]/

function run(view: View): number {
  const { lower, prose } = view
  let best = 0
  if (php.test(lower)) best = /<\?php|<\?=|\$_(?:get|post|request|cookie|server)\b/.test(lower) ? 0.93 : 0.8
  if (best < 0.85 && node.test(lower)) best = Math.max(best, 0.85)
  if (best < 0.85 && other.test(lower)) best = Math.max(best, 0.85)
  if (best < 0.8 && calls.test(lower)) best = Math.max(best, 0.78)
  return prose && best > 0 ? Math.min(best - 0.15, 0.66) : best
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
      'safe_mode',
      'disable_functions',
      'allow_url_include',
      'auto_prepend_file',
      'open_basedir',
      '/*',
      '_server.execute',
      'server.mappath',
    ],
  ],
  run,
}
