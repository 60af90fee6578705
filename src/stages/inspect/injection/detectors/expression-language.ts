import type { Detector, View } from '../detector.ts'
import { compileSearch } from '../landmarks/search.ts'
import { aroundLookups, resolveLookups } from './lookups.ts'

const lookup = compileSearch(
  /\$\{\s{0,4}(?:jndi|ctx|env|sys|java|main|lower|upper|date|map|bundle|docker|k8s|spring|web|marker|log4j|sd|event|base64|script|dns|url|const|file|xml|properties|resourcebundle|localhost|urlencoder|urldecoder|urlen|sys|::)\s{0,4}[:-]/,
)
const namingShape =
  /(?:^|[^a-z])j\W{0,4}n\W{0,4}d\W{0,4}i\s{0,4}[:}-]|\bjndi:(?:ldaps?|rmi|dns|iiop|nis|nds|corba|http)/
const naming = compileSearch(namingShape)
const names = compileSearch(
  /java\.(?:lang|io|net|util|nio|beans|awt|naming|security|rmi)\b|javax\.(?:script|naming|management|el|faces)|runtime\W{0,4}\.?\s{0,2}getruntime|processbuilder|getclass\(\)|class\.forname|classloader|class\.module|\bognl\b|#_?memberaccess|_memberaccess|@java|t\s{0,2}\(\s{0,2}java|com\.opensymphony|springframework|applicationcontext|(?:invoker|clone|instantiate|chained|constant)(?:transformer|factory)|(?:for|while)closure|prototype(?:clone|serialization)factory|transformedmap|lazymap|org\.(?:apache\.(?:struts2?|commons|catalina|xalan|log4j)|springframework|codehaus|mozilla|python|hibernate|jboss|aspectj)|freemarker\.|groovy\.|\.newinstance\(|getmethod\(|\.invoke\(|scriptenginemanager|getenginebyname|\bbean\b.{0,10}class=.{0,20}java|unmarshaller|com\.sun\.|sun\.misc|bcel|xmldecoder|clojure\.|weblogic\.|\.getinputstream\(|objectinputstream|inputstreamreader|servletcontext|getservletcontext|actioncontext|actionsupport|(?:method|action|redirect|redirectaction):\s{0,2}[#$%]\{/,
)

const jndiShape = /\$\{\s{0,4}jndi\s{0,4}:/
const jndi = compileSearch(jndiShape)
const bareJndi = compileSearch(/(?:^|[^a-z])jndi:(?:ldaps?|rmi|dns|iiop|nis|nds|corba)/)
/** A class that is called, instantiated or referred to. */
const meant = compileSearch(
  /[({@$][^\s]{0,40}(?:java|class|runtime|process|ognl|member|org\.|com\.)|\(\)|newinstance|forname|#|(?:context|factory|transformer|loader|manager|builder)\s{0,2}\(\s{0,2}['"]/,
)

/** Characters of a text below which it is resolved as a whole. */
const whole = 2_000

/** Log4j lookups (CVE-2021-44228), however they are nested. */
function runLookup({ lower }: View): number {
  if (!lower.includes('${')) return bareJndi.test(lower) ? 0.8 : 0
  const near = lower.length < whole ? lower : aroundLookups(lower)
  if (near !== lower && (jndi.test(lower) || naming.test(lower))) return 0.97
  const resolved = resolveLookups(near)
  if (jndiShape.test(resolved) || namingShape.test(resolved)) return 0.97
  return lookup.test(lower) ? 0.9 : 0
}

function runNames(view: View): number {
  const { lower } = view
  if (!names.test(lower)) return 0
  if (view.prose) return 0.5
  // A class name in prose is no injection; one that is called, instantiated or referred to is.
  if (/[(){}@#$%[\]]|class|new\s/.test(lower)) return meant.test(lower) ? 0.88 : 0.62
  return /^[\w.$=]{1,120}$/.test(lower) && !/^org\.|^com\./.test(lower) ? 0.75 : 0.55
}

/** Lookups of Log4j. */
export const javaLookupDetector: Detector = {
  name: 'java.lookup',
  class: 'el',
  needs: [['${', 'jndi:']],
  run: runLookup,
}

/** The expression languages of Java by what they name: EL, OGNL, SpEL, gadgets. */
export const expressionLanguageDetector: Detector = {
  name: 'java.expression',
  class: 'el',
  needs: [
    [
      'java.',
      'javax.',
      '@java',
      '(java',
      '( java',
      '(\tjava',
      '(\njava',
      'getruntime',
      'processbuilder',
      'getclass()',
      'class.forname',
      'classloader',
      'class.module',
      'ognl',
      'memberaccess',
      'com.opensymphony',
      'springframework',
      'applicationcontext',
      'org.apache.',
      'org.codehaus',
      'org.mozilla',
      'org.python',
      'org.hibernate',
      'org.jboss',
      'org.aspectj',
      'freemarker.',
      'groovy.',
      '.newinstance(',
      'getmethod(',
      '.invoke(',
      'scriptenginemanager',
      'getenginebyname',
      'bean',
      'unmarshaller',
      'com.sun.',
      'sun.misc',
      'bcel',
      'xmldecoder',
      'clojure.',
      'weblogic.',
      '.getinputstream(',
      'objectinputstream',
      'inputstreamreader',
      'servletcontext',
      'actioncontext',
      'actionsupport',
      'transformer',
      'forclosure',
      'whileclosure',
      'clonefactory',
      'serializationfactory',
      'instantiatefactory',
      'invokerfactory',
      'chainedfactory',
      'constantfactory',
      'transformedmap',
      'lazymap',
      'action:',
      'method:',
      'redirect:',
    ],
  ],
  run: runNames,
}
