import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { ItemsReply } from '../../../src/admin/contract.ts'
import { ask, type Refused, search } from '../api/ask.ts'
import { type Column, Empty, Panel, Rows } from './parts.tsx'

/** A list of the admin API, page after page. */
export function Paged<Row>(props: {
  readonly label: string
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly columns: readonly Column<Row>[]
  readonly keyOf: (row: Row) => string
  /** Where there is none. */
  readonly none: ReactNode
  /** Where this gateway keeps none (404). */
  readonly missing: ReactNode
  /** What can be done about all of them. */
  readonly aside?: ReactNode
}): ReactNode {
  const reply = useInfiniteQuery<ItemsReply<Row>, Refused>({
    queryKey: [props.path, props.query],
    initialPageParam: undefined,
    queryFn: ({ pageParam, signal }) =>
      ask(`${props.path}${search({ ...props.query, limit: 100, after: pageParam as string | undefined })}`, {
        signal,
      }),
    getNextPageParam: (page) => page.next,
    retry: false,
  })
  const { data, error } = reply
  if (data === undefined) {
    if (error === null) return <p className="dim">…</p>
    if (error.status === 404) return props.missing
    return (
      <div role="alert">
        <Empty title={error.status === 403 ? 'Not for your role' : 'That did not work'}>
          {error.message}
        </Empty>
      </div>
    )
  }
  const rows = data.pages.flatMap(({ items }) => items)
  const aside = props.aside !== undefined && <div className="row end">{props.aside}</div>
  if (rows.length === 0)
    return (
      <div className="stack">
        {aside}
        {props.none}
      </div>
    )
  return (
    <div className="stack">
      {aside}
      <Panel flush>
        <Rows label={props.label} rows={rows} keyOf={props.keyOf} columns={props.columns} />
      </Panel>
      {reply.hasNextPage && (
        <div>
          <Button
            variant="default"
            loading={reply.isFetchingNextPage}
            onClick={() => void reply.fetchNextPage()}
          >
            More
          </Button>
        </div>
      )}
    </div>
  )
}
