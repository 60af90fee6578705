import type { BlockReply } from '../../../src/admin/contract.ts'
import { ActionButton } from '../parts/action-button.tsx'
import type { Column } from '../parts/parts.tsx'
import { Time } from '../parts/time.tsx'
import { kindInWords } from '../words/kinds.ts'

/** What a table of blocks tells of each, whoever it is about; with the button that ends it. */
export const blockColumns: readonly Column<BlockReply>[] = [
  { name: 'Why', cell: ({ kind, reason }) => (reason === '' ? kindInWords(kind) : reason) },
  { name: 'By', cell: ({ by }) => (by === '' ? 'the gateway' : by) },
  { name: 'Until', cell: ({ until }) => <Time at={until} /> },
  {
    name: 'Do',
    cell: ({ id, subject }) => (
      <ActionButton
        label="Release"
        says={`${subject.key} may call again at once.`}
        change={({ reason }) => ({
          path: `blocks/${encodeURIComponent(id)}`,
          method: 'DELETE',
          json: { reason },
          done: `Released ${subject.key}.`,
        })}
      />
    ),
  },
]
