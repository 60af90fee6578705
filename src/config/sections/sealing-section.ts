// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import Type, { type Static } from 'typebox'
import { text } from '../document/words.ts'
import type { Reading, Section } from '../reading.ts'
import { Secret } from '../secret.ts'
import { shape } from '../shape.ts'
import type { SealingConfig } from '../types/security-config.ts'

const schema = shape('Keys of sealed ids. Without it a key is made in the `state` folder at first use.', {
  key: text('Key that seals: 32 random bytes or more. Write it as `${NAME}` or `${file:PATH}`.'),
  previous: Type.Array(Type.String({ minLength: 1 }), {
    description: 'Keys that sealed before and still open, until nobody holds their ids any more.',
    default: [],
    maxItems: 8,
  }),
})

/** `sealing`. */
export const sealingSection: Section<SealingConfig> = {
  schema,
  read(raw, pointer, reading) {
    const entry = raw as Static<typeof schema>
    return {
      keys: [
        readKey(entry.key, `${pointer}/key`, reading),
        ...entry.previous.map((key, i) => readKey(key, `${pointer}/previous/${i}`, reading)),
      ],
    }
  },
}

function readKey(key: string, pointer: string, reading: Reading): Secret {
  if (!reading.isSubstituted(pointer))
    reading.warn(
      pointer,
      'config.secret-in-file',
      'a secret is written in the configuration file',
      'write `${NAME}` or `${file:PATH}`',
    )
  const secret = new Secret(key.trim())
  if (secret.bytes < 32)
    reading.error(
      pointer,
      'config.sealing-key',
      'a sealing key has at least 32 bytes',
      'make one with `openssl rand -base64 48`',
    )
  return secret
}
