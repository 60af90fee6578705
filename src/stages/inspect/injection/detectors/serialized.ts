import type { Detector, View } from '../detector.ts'

const shape =
  /(?:^|[;{"'\s=:])[oc]:\+?\d{1,6}:["']|(?:^|[^a-z0-9])a:\d{1,6}:\{(?:[isdboan]:|\})|aced0005|_\$\$nd_func\$\$_|!!(?:python|javax?|ruby|com|org|sun)[/.:]|!ruby\/(?:object|hash|class)|!python\/|"?@type"?\s{0,4}:\s{0,4}"[a-z]+\.|"\$type"\s{0,4}:\s{0,4}"(?:system|microsoft)|<java\b[^>]{0,80}xmldecoder|(?:^|[\s(])c(?:os|posix|subprocess|__builtin__|builtins|nt|commands)\s[a-z_]{2,20}|py\/(?:object|reduce)|objectdataprovider|ysoserial|<objectdataprovider/i

/** The first bytes of Java, .NET and Python streams in base64: their case tells. */
const encoded = /rO0AB|AAEAAAD\/{2}|\bgASV[A-Z]|\bgAN9/

/** Serialized objects of Java, PHP, .NET, Python, Ruby, Node and YAML. */
export const serializedDetector: Detector = {
  name: 'serialized.object',
  class: 'deserialisation',
  needs: [
    [
      'o:',
      'c:',
      'a:',
      'ro0ab',
      'aced0005',
      'aaeaaad',
      '_$$nd',
      '!!',
      '!ruby',
      '!python',
      '@type',
      '$type',
      'xmldecoder',
      'cos',
      'cposix',
      'csub',
      'c__',
      'cbuiltins',
      'cnt',
      'ccommands',
      'gasv',
      'gan9',
      'py/',
      'objectdata',
      'typeconfuse',
    ],
  ],
  run: ({ text, prose }: View): number => (shape.test(text) || encoded.test(text) ? (prose ? 0.6 : 0.9) : 0),
}
