import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import type { ReadinessReply } from '../../../src/admin/contract.ts'

/** Whether the gateway takes calls; it tells so with a 503, too. */
export function useHealth(): UseQueryResult<ReadinessReply> {
  return useQuery({
    queryKey: ['/readyz'],
    queryFn: async ({ signal }): Promise<ReadinessReply> => (await fetch('/readyz', { signal })).json(),
    refetchInterval: 15_000,
  })
}
