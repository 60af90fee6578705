import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { ask, Refused } from './ask.ts'

/** One GET, asked again every `every` milliseconds while the page is looked at. */
export function useReply<T>(path: string | undefined, every?: number): UseQueryResult<T, Refused> {
  return useQuery<T, Refused>({
    queryKey: [path],
    queryFn: ({ signal }) => ask<T>(path ?? '', { signal }),
    enabled: path !== undefined,
    refetchInterval: every ?? false,
    retry: (count, error) => error instanceof Refused && error.status === 0 && count < 2,
  })
}
