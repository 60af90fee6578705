import type { Detector } from './detector.ts'
import { codeDetector } from './detectors/code.ts'
import { expressionLanguageDetector, javaLookupDetector } from './detectors/expression-language.ts'
import { htmlDetector } from './detectors/html.ts'
import { ldapDetector } from './detectors/ldap.ts'
import { lineBreakDetector, mailDetector } from './detectors/line-break.ts'
import { nosqlDetector } from './detectors/nosql.ts'
import { pathDetector } from './detectors/path.ts'
import { prototypeDetector } from './detectors/prototype.ts'
import { serializedDetector } from './detectors/serialized.ts'
import { shellDetector } from './detectors/shell.ts'
import { templateDetector } from './detectors/template.ts'
import { urlTargetDetector } from './detectors/url-target.ts'
import { xmlDetector } from './detectors/xml.ts'
import { xpathDetector } from './detectors/xpath.ts'
import { sqlConditionDetector, sqlContextDetector, sqlStatementDetector } from './sql/sql-detector.ts'

/** Every detector, the likeliest first. */
export const detectors: readonly Detector[] = [
  sqlContextDetector,
  sqlStatementDetector,
  sqlConditionDetector,
  htmlDetector,
  shellDetector,
  pathDetector,
  templateDetector,
  javaLookupDetector,
  expressionLanguageDetector,
  nosqlDetector,
  codeDetector,
  xmlDetector,
  ldapDetector,
  xpathDetector,
  lineBreakDetector,
  mailDetector,
  urlTargetDetector,
  serializedDetector,
  prototypeDetector,
]
