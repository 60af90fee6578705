import { type Command, textOf } from './command.ts'
import { Misuse } from './misuse.ts'
import { withState } from './with-state.ts'

export const identityCommand: Command = {
  name: 'identity',
  summary: 'keys that sign Sallyport-Identity: rotate-keys',
  help: `
Usage: sallyport identity rotate-keys [options]

Makes the next key that signs what upstreams are told of callers. Gateways that run publish it within half a minute and
sign with it after five; the old one stays published for an hour more.

      --json           output as JSON
      --config FILE    configuration (default sallyport.yaml)
`,
  options: {
    json: { type: 'boolean', default: false },
    config: { type: 'string', default: 'sallyport.yaml' },
  },
  async run({ values, positionals, terminal }) {
    if (positionals.length !== 1 || positionals[0] !== 'rotate-keys')
      throw new Misuse('identity: write `rotate-keys`')
    return withState(textOf(values, 'config') ?? '', 'identity', async (state, config) => {
      const { rotateIdentityKeys } = await import('../app/follow-identity-keys.ts')
      const [next, ...published] = await rotateIdentityKeys(state, config)
      terminal.out(
        values['json'] === true
          ? `${JSON.stringify({ next, published }, null, 2)}\n`
          : `signs in five minutes: ${next}\npublished beside it: ${published.join(', ')}\n`,
      )
      return 0
    })
  },
}
