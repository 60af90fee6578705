import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react'
import type { AdminRole, SessionReply, SignInWays } from '../../../src/admin/contract.ts'
import { type Refused, rememberCsrf } from './ask.ts'
import { useReply } from './use-reply.ts'

const Session = createContext<SessionReply | undefined>(undefined)

export function useSession(): SessionReply | undefined {
  return useContext(Session)
}

const rank: Readonly<Record<AdminRole, number>> = { viewer: 0, operator: 1, administrator: 2 }

/** Whether buttons for it are shown; the gateway decides by itself. */
export function useMay(role: AdminRole): boolean {
  const session = useSession()
  return session !== undefined && rank[session.role] >= rank[role]
}

/** Knows who is here; `signIn` is shown to who is not. */
export function SessionGate(props: {
  readonly signIn: (ways: SignInWays | undefined, leave: (() => void) | undefined) => ReactNode
  /** The address brought something that signs in. */
  readonly arriving: boolean
  readonly away: ReactNode
  readonly children: ReactNode
}): ReactNode {
  const reply = useReply<SessionReply>('session', 60_000)
  const client = useQueryClient()
  const csrf = reply.data?.csrf
  const [stays, setStays] = useState(!props.arriving)
  useEffect(() => rememberCsrf(csrf), [csrf])
  // While a refusal is asked for again it is no error for a moment: what it showed must stay, and what was typed in it.
  const refusal = useRef<Refused>(undefined)
  if (reply.error !== null) refusal.current = reply.error
  else if (reply.isSuccess) refusal.current = undefined
  const { status, problem } = refusal.current ?? {}
  useEffect(() => {
    if (status === 401) client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
  }, [status, client])
  if (status === 401) return props.signIn(problem?.signIn, undefined)
  // Who is here as a guest and came to sign in does that first.
  if (!stays && reply.data?.via === 'loopback') return props.signIn(reply.data.signIn, () => setStays(true))
  // A gateway without sessions (404) is asked by who may ask it: everything is shown, nothing can be changed.
  if (status === 0 && reply.data === undefined) return props.away
  if (reply.isPending && status === undefined) return null
  rememberCsrf(csrf)
  return <Session value={reply.data}>{props.children}</Session>
}
