import type { Detector, View } from '../detector.ts'
import { compileSearch } from '../landmarks/search.ts'

const filters =
  'attr|join|map|filter|sort|reduce|tojson|safe|length|e|escape|first|last|list|format|replace|reverse|upper|lower|raw|capitalize|int|string|dictsort|batch|slice|passthru|system|cat|id|nl2br|json_encode|convert_encoding|inspect|file_excerpt|abs|default|random|url_encode|select|reject|groupby|xmlattr|pprint|center|wordcount|forceescape|debug|eval|exec'
const objects =
  'config|self|request|session|app|settings|_self|_context|this|constructor|process|global|globals|cycler|joiner|namespace|lipsum|url_for|get_flashed_messages|class|system|dump|include|import|require|facts|smarty|env|root|runtime|application|applicationscope|sessionscope|pagecontext|param|header|cookie|servletcontext|requestscope|initparam|product|object|messages|debug|range|dict|handler|get_user_file|open|beans|exec|execute|ex|string|print|php|phpinfo|csrf_token|user|x|foobar'

/** What an expression has and a placeholder has not. */
const expression = new RegExp(
  [
    // arithmetic on constants
    String.raw`['"0-9]\s{0,4}(?:\*{1,2}|[+/%-])\s{0,4}['"0-9]`,
    // call, index, attribute of an attribute
    String.raw`[a-z0-9_$\])]\s{0,2}\(|[a-z0-9_)\]'"]\s{0,2}\[|__[a-z]`,
    `^\\s{0,4}(?:${objects})(?:\\s{0,4}$|[.|[(])`,
    // filter
    `\\|\\s{0,4}(?:${filters})\\s{0,4}(?:$|[(|}:])`,
    // string or set operators
    String.raw`^\s{0,4}(?:['"][^'"]{0,40}['"]\s{0,4}(?:$|[.|~+*])|set\s|import\s|@|\(|#|!|=|\^|~|new\s|var\s|let\s|x\s{0,2}=)`,
    String.raw`\w\.(?:class|getclass|constructor|forname|exec|execute|newinstance|template|environ|secret_key|flush|puts|getenv|invoke)\b`,
  ].join('|'),
)

interface Opening {
  readonly open: string
  readonly close: string
  readonly confidence: number
}

const openings: readonly Opening[] = [
  { open: '{{', close: '}}', confidence: 0.9 },
  { open: '${', close: '}', confidence: 0.88 },
  { open: '#{', close: '}', confidence: 0.88 },
  { open: '*{', close: '}', confidence: 0.85 },
  { open: '%{', close: '}', confidence: 0.88 },
  { open: '@{', close: '}', confidence: 0.8 },
  { open: '~{', close: '}', confidence: 0.85 },
  { open: '[[', close: ']]', confidence: 0.75 },
  { open: '<%', close: '%>', confidence: 0.9 },
  { open: '@(', close: ')', confidence: 0.8 },
]

const statements = compileSearch(
  /\{%-?\s{0,4}(?:set|if|for|import|include|extends|block|macro|raw|debug|load|with|autoescape|filter|do|call|from|python|module|csrf_token|print|ssi|url|cycle)\b|#(?:set|foreach|evaluate|parse|include|macro|if|end)\s{0,4}[({]?|<#(?:assign|list|if|include|import|global|local|macro|attempt|setting)\b|\$\{?class\.|\{(?:php|if|literal|include|fetch|eval|assign|foreach|section|system|self::)[\s}$(=]|\{\$smarty\b|<%[=@!-]?\s{0,4}\w|\{\{[#^!&>/]|@(?:php|include|for(?:each)?|if|functions|using|inject|model|import)\b\s{0,4}[({]?|<!--#(?:exec|include|echo|printenv|config|fsize|flastmod|set|if|elif|else|endif|goto)|<esi:[a-z]|<\?xml-stylesheet|<xsl:|#\{\s{0,4}\w|\b(?:pug|jade)\b/,
)

const certain = compileSearch(
  /\{%-?\s{0,4}(?:set|import|include|for|if|extends|debug|load|print|csrf_token|do|call|with|block|macro|raw|python|module|filter|from|ssi)\b|#(?:set|foreach|evaluate|parse|macro)\s{0,4}\(|<#(?:assign|list|if|include|import|global|setting)\b|\{php\}|\{\$smarty\b|<!--#(?:exec|include|echo|printenv|config|fsize|flastmod|set|if|elif|else|endif|goto)|<esi:[a-z]|<%=|<xsl:|\{(?:system|self::|fetch|eval|if)[\s(]|\{literal\}|@(?:php|functions)\b/,
)

const arithmetic = compileSearch(
  /\{\s{0,2}['"]?\d{1,6}['"]?\s{0,2}[*+/-]\s{0,2}['"]?\d{1,6}['"]?\s{0,2}\}|\{\d{1,4}\}\s{0,2}[+*]\s{0,2}\{\d{1,4}\}/,
)

function run({ lower }: View): number {
  let best = 0
  if (statements.test(lower)) best = certain.test(lower) ? 0.85 : 0
  for (const { open, close, confidence } of openings) {
    if (confidence <= best) continue
    let at = lower.indexOf(open)
    for (let count = 0; at >= 0 && count < 12; count++) {
      const start = at + open.length
      const reach = lower.slice(start, start + 240)
      const end = reach.indexOf(close)
      const inner = end < 0 ? reach.slice(0, 120) : reach.slice(0, end)
      // A documented placeholder has words, slashes and dots; an expression has operators.
      if (expression.test(inner) && !/^\s{0,2}\[?-{1,2}[a-z]/.test(inner)) {
        best = end < 0 ? confidence - 0.12 : confidence
        break
      }
      at = lower.indexOf(open, start)
    }
  }
  if (best < 0.75 && arithmetic.test(lower)) best = 0.78
  return best
}

/** Server-side template and server-side include injection. */
export const templateDetector: Detector = {
  name: 'template.expression',
  class: 'ssti',
  needs: [
    [
      '{',
      '[[',
      '<%',
      '<#',
      '#set',
      '#foreach',
      '#evaluate',
      '#parse',
      '#include',
      '#macro',
      '#if',
      '#end',
      '@(',
      '@php',
      '@i',
      '@f',
      '<!--#',
      '<esi',
      '<xsl',
      '<?xml-s',
      '$class',
      '@u',
      '@m',
      'pug',
      'jade',
    ],
  ],
  run,
}
