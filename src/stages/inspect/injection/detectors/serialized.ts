import type { Detector, View } from '../detector.ts'
import { compileSearch } from '../landmarks/search.ts'

const shape = compileSearch(
  /(?:^|[;{"'\s=:])[oc]:\+?\d{1,6}:["']|(?:^|[^a-z0-9])a:\d{1,6}:\{(?:[isdboan]:|\})|aced0005|_\$\$nd_func\$\$_|!!(?:python|javax?|ruby|com|org|sun)[/.:]|!ruby\/(?:object|hash|class)|!python\/|"?@type"?\s{0,4}:\s{0,4}"[a-z]{1,40}\.|"\$type"\s{0,4}:\s{0,4}"(?:system|microsoft)|<java\b[^>]{0,80}xmldecoder|(?:^|[\s(])c(?:os|posix|subprocess|__builtin__|builtins|nt|commands)\n[a-z_]{2,20}|py\/(?:object|reduce)|objectdataprovider|ysoserial|<objectdataprovider/,
)

/** The same, case aside. */
const maybeEncoded = compileSearch(/ro0ab|kztaau|cs7qaf|aaeaaad|gasv|gan9/)
/** The first bytes of Java, .NET and Python streams in base64: their case tells. */
const encoded = /rO0AB|KztAAU|Cs7QAF|AAEAAAD\/{2}|\bgASV[A-Z]|\bgAN9/

/** Serialized objects of Java, PHP, .NET, Python, Ruby, Node and YAML. */
export const serializedDetector: Detector = {
  name: 'serialized.object',
  class: 'deserialisation',
  needs: [
    [
      'o:0',
      'o:1',
      'o:2',
      'o:3',
      'o:4',
      'o:5',
      'o:6',
      'o:7',
      'o:8',
      'o:9',
      'o:+',
      'c:0',
      'c:1',
      'c:2',
      'c:3',
      'c:4',
      'c:5',
      'c:6',
      'c:7',
      'c:8',
      'c:9',
      'c:+',
      'a:0',
      'a:1',
      'a:2',
      'a:3',
      'a:4',
      'a:5',
      'a:6',
      'a:7',
      'a:8',
      'a:9',
      'a:+',
      'ro0ab',
      'kztaau',
      'cs7qaf',
      'aced0005',
      'aaeaaad',
      '_$$nd',
      '!!',
      '!ruby',
      '!python',
      '@type',
      '$type',
      'xmldecoder',
      'cos\n',
      'cposix\n',
      'csubprocess\n',
      'c__builtin__\n',
      'cbuiltins\n',
      'cnt\n',
      'ccommands\n',
      'gasv',
      'gan9',
      'py/',
      'objectdata',
    ],
  ],
  run(view: View): number {
    const { text, lower } = view
    if (!shape.test(lower) && !(maybeEncoded.test(lower) && encoded.test(text))) return 0
    return view.prose ? 0.6 : 0.9
  },
}
