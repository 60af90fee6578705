import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query'
import { useSay } from '../parts/say.tsx'
import { type Asked, ask, Refused } from './ask.ts'

export interface Change extends Asked {
  readonly path: string
  /** What is said when it is done. */
  readonly done: string
}

/** Changes something, says so or why not, and asks again for everything that is shown. */
export function useChange<T = unknown>(): UseMutationResult<T, Error, Change> {
  const client = useQueryClient()
  const say = useSay()
  return useMutation<T, Error, Change>({
    mutationFn: ({ path, done: _done, ...asked }) => ask<T>(path, { method: 'POST', ...asked }),
    onSuccess: (_reply, { done }) => {
      say(done)
      void client.invalidateQueries()
    },
    onError: (error) => say(explain(error), 'failed'),
  })
}

function explain(error: Error): string {
  if (!(error instanceof Refused)) return 'That did not work.'
  const members = error.problem?.members?.map(({ pointer, code }) => `${pointer} ${code}`).join(', ')
  if (error.status === 412) return 'Somebody changed it meanwhile; look at it again first.'
  return members === undefined ? error.message : `${error.message}: ${members}`
}
