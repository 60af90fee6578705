import type { Detector, View } from '../detector.ts'
import { compileSearch } from '../landmarks/search.ts'

const shape = compileSearch(
  /(?:^|[^a-z0-9])__proto__(?:$|[^a-z0-9_])|constructor\s{0,2}(?:\.|\[\s{0,2}["']?|"\s{0,4}:\s{0,4}\{\s{0,4}")\s{0,2}prototype|__(?:define|lookup)[gs]etter__/,
)

/** Names that reach the prototype of JavaScript objects (CWE-1321). */
export const prototypeDetector: Detector = {
  name: 'javascript.prototype',
  class: 'prototype',
  needs: [['__proto__', 'prototype', 'etter__']],
  run: (view: View): number => (shape.test(view.lower) ? (view.prose ? 0.6 : 0.9) : 0),
}
