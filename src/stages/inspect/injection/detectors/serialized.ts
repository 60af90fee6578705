import type { Detector, View } from '../detector.ts'

const shape =
  /(?:^|[;{"'\s=:])[oc]:\+?\d{1,6}:["']|(?:^|[^a-z0-9])a:\d{1,6}:\{(?:[isdboan]:|\})|rO0AB|aced0005|H4sIAAAAAAAA|AAEAAAD\/{2}|_\$\$nd_func\$\$_|!!(?:python|javax?|ruby|com|org|sun)[/.:]|!ruby\/(?:object|hash|class)|!python\/|"?@type"?\s{0,4}:\s{0,4}"[a-z]+\.|"\$type"\s{0,4}:\s{0,4}"(?:system|microsoft)|<java\b[^>]{0,80}xmldecoder|(?:^|[\s(])c(?:os|posix|subprocess|__builtin__|builtins|nt|commands)\s[a-z_]{2,20}|gASV[A-Z]|gAN9|py\/(?:object|reduce)|objectdataprovider|typeconfusedelegate|ysoserial|<objectdataprovider/i

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
      'h4siaaaaaaaa',
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
      'ysoserial',
    ],
  ],
  run: ({ text }: View): number => (shape.test(text) ? 0.9 : 0),
}
