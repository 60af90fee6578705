import { compileSearch, shortest } from '../landmarks/search.ts'
import { sqlFunctions } from './words.ts'

/**
 * Spellings that only one dialect has: MySQL's number before a bracket, PostgreSQL's casts, variables of Transact-SQL in
 * the statements that take them, numbers that run into a word, comments around nothing.
 */
const odd = compileSearch(
  new RegExp(
    [
      String.raw`^\s{0,4}@{1,2}\w{1,40}\s{0,4}(?:--|/\*|#)`,
      String.raw`[\w)'"]::(?:int|bool|boolean|text|jsonb?|regclass|varchar|numeric|bytea|bigint|smallint|double precision|real|timestamptz?|interval|uuid|xml|inet|oid|money|decimal)\b`,
      String.raw`\bprocedure\s{1,8}analy[sz]e\s{0,4}\(`,
      String.raw`\b(?:declare|exec(?:ute)?|select|set)(?:\s|/\*[^*]{0,10}\*/){1,8}\(?\s{0,4}@{1,2}[a-z]`,
      String.raw`\bexec(?:ute)?\s{0,4}\(\s{0,4}@`,
      String.raw`^\s{0,4}@\w{1,40}\s{1,4}=\s{0,4}(?:null\b|n?'|@|\(\s{0,4}select)`,
      String.raw`^\s{0,4}\d{1,9}\s{0,4}/\*[^*]{0,40}\*/\s{0,4}$`,
      String.raw`^(?!.{0,200}/\*).{0,200}\*/.{0,60}(?:--|#)\s{0,4}$`,
      String.raw`^\s{0,4}@@[a-z_]{2,40}(?:$|[\s,;)=])`,
      String.raw`(?:^|[^\w.-])\d{1,9}\.e[.(]`,
      String.raw`\b(?:like\s{0,4}\(?\s{0,4}char|exists\s{0,4}\(?\s{0,4}select)\b`,
      String.raw`/\*!(?:\d{5}|\s{0,4}(?:select|union|or|and|sleep|benchmark|where|from|if|case|insert|drop|update|delete|order|limit|into|all|like|having)\b)`,
      String.raw`['")\d]\s{0,4}into\s{1,4}@`,
    ].join('|'),
  ),
)
/** Functions that ask for or take apart what is not in the text: no arithmetic that people write has them. */
const asking =
  '(?:if|iif|ascii|chr?|char|nchar|unichr|ord|hex|unhex|substr|substring|mid|left|right|length|len|char_length|concat|concat_ws|cast|convert|coalesce|ifnull|isnull|nullif|nvl|decode|exp|pow|power|cot|database|version|user|schema|current_user|session_user|count|exists|sleep|md5|sha1|load_file|to_char|bin|oct|instr|locate|reverse|replace|rand|row_count|connection_id|last_insert_id)'
const operators = String.raw`(?:[-+*/%^&|]{1,2}|<<|>>|\bdiv\b|\bmod\b|\|\|)`
/** Blanks, brackets that close, empty comments. */
const between = String.raw`(?:[\s)]|/\*\w{0,4}\*/){0,8}`
/** The same for what begins with a number. */
const oddNumber = new RegExp(
  [
    String.raw`^\s{0,4}\d{1,9}(?:\.e[.(]|(?:or|and|xor)\s{0,4}\d{1,9}\s{0,4}[=<>])`,
    String.raw`^\s{0,4}(?:[-+]?[\d.]{1,12}|null)${between}${operators}[\s(]{0,4}(?:${asking}\s{0,2}\(|@@|case\s{1,4}when\b|select\b)`,
    String.raw`^[-+\s(]{0,4}(?:0x)?\d[\d.]{0,9}\s{0,4}[-+*/%^&|][-+*/%^&|\s\d.x]{0,40}\bunion\s{0,4}$`,
    String.raw`^\s{0,4}[-+]?[\d.]{1,12}[\s)]{0,4}(?:\b(?:or|and|xor)\b|\|\||&&)[\s(]{0,4}${asking}\(`,
    String.raw`^\s{0,4}[-+]?\d{1,9}\s{0,4}(?:${operators}\s{0,4}\d{1,9}\s{0,4}(?:--|#)|[-+*/%^&|]\s{0,4}0x[\da-f]{1,16})\s{0,4}$`,
    String.raw`^\s{0,4}[-+(]{0,3}[\dx.]{1,12}\)?\s{0,4}(?:\b(?:or|and|xor)\b|\|\||&&)\s{0,4}(?:[!~]{1,3}\s?\d|not\s{1,4}(?:false|true|null|\d))`,
  ].join('|'),
)
/** A quote, and what only a statement goes on with. */
const oddQuote = new RegExp(
  [
    String.raw`['"\`]${between}(?:${operators}|=|,)[\s(]{0,4}(?:${asking}\s{0,2}\(|@@|case\s{1,4}when\b|select\b)`,
    // an alias, and where it is from
    String.raw`["'\`]\s{0,4}as\s{0,4}["'\`]\w{1,40}["'\`]\s{0,4}from\b|\bas["'\`]\s{1,4}from\b`,
    String.raw`^\W{0,3}["'\`]\s{0,4}(?:rlike|regexp|not\s{1,4}(?:like|regexp|rlike)|xor|sounds\s{1,4}like)\s{0,4}$`,
    String.raw`["'\`]\s{0,4}(?:or|and|xor|\|\||&&)\s{0,4}["'\`]\d{1,9}$`,
    String.raw`^\s{0,4}(?:or|and|xor)\s{1,4}'[^']{1,10}'\w`,
    // nothing but the end of a string and of a statement
    String.raw`^[^'"\`\s]{0,30}['"]\){0,4}\s?;\s{0,4}$`,
    String.raw`['"\`;)]\s{0,2}(?:%00|\x00)\s{0,4}$`,
  ].join('|'),
)
const oddStart = new RegExp(
  [
    String.raw`^\s{0,4}(?:div|mod)\s{0,4}\(\s{0,4}[-+\d.]{1,20}\s{0,4},`,
    String.raw`^\s{0,4}select\s{1,4}[a-z_]{3,40}\(\)`,
    String.raw`^\s{0,4}(?:database|schema|user|version|system_user|session_user|current_user)\(\)\s{0,4}$`,
    String.raw`^\s{0,4}(?:ascii|chr?|char|nchar|concat|hex|unhex|ord|mid|substr|substring|md5|sha1|cast|convert|ifnull|coalesce|trim|repeat|replace|reverse)\((?:['"]|0x|@@|\d{1,4},)`,
    // signs and figures, then a word that joins statements and its end
    String.raw`^(?:[^a-z\u0080-\uffff]{0,40}[-+*/%^&|~=<>;'"()@,!][^a-z\u0080-\uffff]{0,40})\b(?:union|alter)\s{0,4}(?:$|all\b|distinct\b|select\b|[^\w\s])`,
    String.raw`^\W{0,4}having\s{1,4}(?:\d{1,10}|'[^'=]{1,10}'|"[^"=]{1,10}")\s{0,4}[<=>!]`,
    String.raw`^\({0,4}select['"@!~\`*]|^\({1,4}select\s{0,4}\(|^\{\s{0,4}fn\s{1,4}\w`,
    String.raw`^\({0,4}select\b.{1,80}\bfrom\b.{1,60}\b(?:natural|inner|left|right|cross|outer|full)\s{1,4}(?:outer\s{1,4})?join\b`,
    String.raw`^\({0,4}select\b.{1,80}\bfrom\b.{1,60}\bjoin\b.{1,60}\bon\b.{1,60}[=<>]`,
    String.raw`^\({0,4}select\s{1,4}(?:case\s{0,4}$|case\s{1,4}when\b|\w{1,30}\s{1,4}case\s{1,4}when\b|if\s{0,2}\()|^execute\s{0,4}\(`,
    String.raw`^\s{0,4}[-+]?[\d.]{1,12}\s{0,4}(?:;\s{0,4})?(?:--[\s+-]{0,4}|/\*|;\s{0,4}#)\s{0,4}$`,
    String.raw`^\s{0,4}(?:tbcreator|sql_variant|sql_longvarchar|autonomous_transaction|owa_util|openquery|openrowset|utl_file|utl_http|dbms_java)\b`,
    // an open string, the end of its statement and more
    String.raw`^[^'"\`\s]{1,30}['"]\s?;\s{0,4}\w{1,40}[\s(]`,
    String.raw`^\s{0,4}exec(?:ute)?\s{1,4}[xs]p\b`,
    String.raw`^\s{0,4}(?:--|#)\s{0,4}&\w{1,30}=`,
    String.raw`^\s{0,4};\s{0,4}as\s{1,4}\w{1,40}\s{1,4}from\b`,
    String.raw`^\s{0,4}select\s{1,4}\(?${asking}\((?:$|['"\d@\s()])`,
  ].join('|'),
)
const oddMarks = ['@', '*/', '::', 'procedure', '.e', '/*!', 'exists', 'like']

/** True for a text with a spelling that only SQL has, whatever stands around it. */
export function isOdd(lower: string): boolean {
  const start = lower.length > near ? lower.slice(0, near) : lower
  return (
    (mayBeNumber(lower) && oddNumber.test(start)) ||
    oddStart.test(start) ||
    (lower.includes('(') && isCall(lower)) ||
    oddAfterQuote(lower) ||
    ((lower.length >= shortest || oddMarks.some((mark) => lower.includes(mark))) && odd.test(lower))
  )
}

/** What is looked at of a long text: a value breaks out of its place at its first quote, or not at all. */
const near = 4_096

function oddAfterQuote(lower: string): boolean {
  if (lower.length <= near) return hasQuote.test(lower) && oddQuote.test(lower)
  const first = lower.search(/["'`]/)
  if (first < 0) return false
  const part = lower.slice(Math.max(0, first - near / 2), first + near / 2)
  return hasQuote.test(part) && oddQuote.test(part)
}

/** True where the first character that is no blank may belong to a number. */
function mayBeNumber(lower: string): boolean {
  for (let i = 0; i < 8; i++) {
    const unit = lower.charCodeAt(i)
    if (unit > 32 || Number.isNaN(unit)) return (unit >= 40 && unit <= 57) || unit === 110
  }
  return false
}

/** A quote and what a statement may go on with: neither a genitive nor the end of a quotation. */
const hasQuote =
  /["'`]\s{0,4}(?:[-+*/%^&|<>=,;)"'`]|div|mod|rlike|regexp|not|xor|sounds|or|and|as)|^\s{0,4}(?:or|and|xor)\s{1,4}'|as["'`]\s/

/** A call and its literals, nothing else. */
const literalCall =
  /^\s{0,4}([a-z_][a-z0-9_]{1,40})\((?:[-+\s\d.,*@()]|'[^']{0,20}'|"[^"]{0,20}"|null|0x[\da-f]{1,20}){0,12}$/

/** A whole value that is a call of a function of SQL on literals: what probes for one look like. */
function isCall(lower: string): boolean {
  if (lower.length > 200) return false
  const name = literalCall.exec(lower)?.[1]
  return name !== undefined && sqlFunctions.has(name)
}
