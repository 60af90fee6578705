// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of sallyport.yaml
import Type, { type Static } from 'typebox'
import { duration, text } from '../document/words.ts'
import { readEncryptionKey } from '../encryption-key.ts'
import { milliseconds, type Section } from '../reading.ts'
import { shape } from '../shape.ts'
import type { IdentityConfig } from '../types/authority-config.ts'

const schema = shape(
  'Keys that sign `Sallyport-Identity`. They are kept in the durable store, so that gateways with one database sign with one key.',
  {
    encryptionKey: Type.Optional(
      text(
        'Key that they are sealed with at rest, the same for all gateways: 32 random bytes or more, in base64url or hex. Write it as `${NAME}` or `${file:PATH}`. Default: that of `authority`, else a file of the `state` folder, made at first start.',
      ),
    ),
    rotate: duration(
      'Age at which the key is replaced. The next one is published five minutes before it signs, the last one for an hour after.',
      '90d',
    ),
  },
)

/** `identity`. */
export const identitySection: Section<IdentityConfig> = {
  schema: { ...schema, default: {} } as typeof schema,
  read(raw, pointer, reading) {
    const entry = raw as Static<typeof schema>
    return {
      encryptionKey: readEncryptionKey(entry.encryptionKey, `${pointer}/encryptionKey`, reading),
      rotate: milliseconds(entry.rotate),
    }
  },
}
