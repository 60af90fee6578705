import { SegmentedControl } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import type { OverviewReply, OverviewWindow } from '../../../src/admin/contract.ts'
import { listen } from '../api/stream.ts'
import { useReply } from '../api/use-reply.ts'
import { hrefOf, navigate, usePlace } from '../location.ts'
import { PageHead } from '../parts/parts.tsx'
import { Reply } from '../parts/reply.tsx'
import { OverviewPanels } from './overview-panels.tsx'

const windows: { readonly label: string; readonly value: OverviewWindow }[] = [
  { label: '15 min', value: '15m' },
  { label: '1 h', value: '1h' },
  { label: '24 h', value: '24h' },
]
const pathOf = (window: OverviewWindow): string => `overview?window=${window}`

/** What the gate does, at a glance. */
export function OverviewPage(): ReactNode {
  const { query } = usePlace()
  const window = windows.find(({ value }) => value === query.get('window'))?.value ?? '15m'
  const reply = useReply<OverviewReply>(pathOf(window), window === '15m' ? 15_000 : 60_000)
  const client = useQueryClient()
  useEffect(
    () => listen({ overview: (overview) => client.setQueryData([pathOf('15m')], overview) }),
    [client],
  )
  return (
    <>
      <PageHead title="Overview" says="What came to the gate, what it let through, and what it did not.">
        <SegmentedControl
          aria-label="Time"
          value={window}
          onChange={(value) => navigate(hrefOf([], { window: value === '15m' ? '' : value }))}
          data={windows}
        />
      </PageHead>
      <Reply of={reply} height={480}>
        {(overview) => <OverviewPanels overview={overview} />}
      </Reply>
    </>
  )
}
