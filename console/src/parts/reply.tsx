import { Button, Skeleton } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Refused } from '../api/ask.ts'
import { Empty } from './parts.tsx'

/** What a reply shows: itself, that it is on its way, that this gateway has no such thing, or what went wrong. */
export function Reply<T>(props: {
  readonly of: UseQueryResult<T, Refused>
  /** What is shown where the gateway does not know the question (404). */
  readonly missing?: ReactNode
  readonly height?: number
  readonly children: (data: T) => ReactNode
}): ReactNode {
  const { data, error, refetch } = props.of
  if (data !== undefined) return props.children(data)
  if (error === null || error === undefined)
    return <Skeleton height={props.height ?? 120} radius="md" aria-label="Loading" />
  if (error.status === 404)
    return props.missing ?? <Empty title="Not here">This gateway does not offer this, or it is gone.</Empty>
  if (error.status === 403)
    return <Empty title="Not for your role">An administrator or operator can see this.</Empty>
  return (
    <div role="alert">
      <Empty title="That did not work">{error.message}</Empty>
      <Button mt="sm" variant="default" onClick={() => void refetch()}>
        Try again
      </Button>
    </div>
  )
}
