// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import Type, { type Static } from 'typebox'
import { duration, namePattern, text } from '../document/words.ts'
import { milliseconds, type Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { DetectorConfig } from '../types/content-config.ts'
import { isLoopback } from '../values/parse-address.ts'
import { pointerToken } from '../yaml/yaml-document.ts'

const detector = shape(
  'Another detector of instructions, asked over HTTP about the texts of whole replies.',
  {
    kind: Type.Enum(['http', 'azure-prompt-shields'] as ('http' | 'azure-prompt-shields')[], {
      description:
        '`http`: `{ "texts": [...] }` is answered by `{ "results": [{ "flagged": true }] }`. `azure-prompt-shields`: Azure AI Content Safety; `url` is its endpoint.',
    }),
    url: text('Where it is asked.', { examples: ['https://guard.internal:8443/v1/scan'] }),
    key: Type.Optional(text('Credential of the gateway there. Write `${NAME}` or `${file:PATH}`.')),
    deadline: duration('For all questions about one reply.', '300ms'),
    onFault: Type.Enum(['open', 'closed'] as ('open' | 'closed')[], {
      description:
        'No answer in time: `closed` refuses the reply (503), `open` goes on without it, which is counted (an open door).',
    }),
  },
)

const schema = Type.Record(Type.String({ pattern: namePattern }), detector, {
  description: 'External detectors by name; `content` rules name the one they ask. None is asked by default.',
  default: {},
  additionalProperties: false,
})

/** `apis.NAME.detectors`. */
export const detectorsSection: Section<readonly DetectorConfig[]> = {
  schema,
  read(raw, pointer, reading) {
    return Object.entries(raw as Record<string, Static<typeof detector>>).map(([name, entry]) => {
      const at = `${pointer}/${pointerToken(name)}`
      const url = URL.parse(entry.url)
      const plain = url?.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, ''))
      if (url === null || url.username !== '' || (url.protocol !== 'https:' && !plain))
        reading.error(`${at}/url`, 'config.detector', 'must be an https URL; http only on loopback')
      if (entry.key !== undefined && !reading.isSubstituted(`${at}/key`))
        reading.warn(
          `${at}/key`,
          'config.secret-in-file',
          'a secret is written in the configuration file',
          'write `${NAME}` or `${file:PATH}`',
        )
      const key = entry.key?.trim()
      if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
        reading.error(`${at}/key`, 'config.detector', 'the key must be visible ASCII without spaces')
      if (entry.onFault === 'open')
        reading.warn(
          `${at}/onFault`,
          'open-door.detector',
          `the detector \`${name}\` is passed by when it does not answer`,
        )
      const { kind, onFault } = entry
      return { name, kind, url: entry.url, key, deadline: milliseconds(entry.deadline), onFault, pointer: at }
    })
  },
}
