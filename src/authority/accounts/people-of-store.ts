import type { Clock } from '../../kernel/clock.ts'
import type { AccountRepositories } from '../../repositories/account-repositories.ts'
import type { AccountEvent } from './account-event.ts'
import { createCore } from './core.ts'
import { createPeople } from './create-people.ts'
import type { AccountLinks } from './options.ts'
import type { People } from './people.ts'

export interface PeopleOfStoreOptions {
  readonly repositories: AccountRepositories
  readonly links: AccountLinks
  readonly onEvent: (event: AccountEvent) => void
  readonly clock: Clock
  /** Whether a client has this id: it cannot be a subject then. */
  readonly isClient: (id: string) => Promise<boolean>
}

/**
 * Administration over the store alone, for commands. A gateway that runs on the same store ends sessions and tokens
 * within a second of `disable`, `remove` and `endSessions`; one that does not, when it starts.
 */
export function createPeopleOfStore(options: PeopleOfStoreOptions): People {
  const { repositories, clock, onEvent, links } = options
  const core = createCore({
    repositories,
    clock,
    onEvent,
    announce: async (signal) => {
      await repositories.signals.put(signal)
    },
    mail: () => undefined,
  })
  return createPeople(core, links, options.isClient)
}
