import { Button, PasswordInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { SessionReply, SessionRequest, SignInWays, StartReply } from '../../../src/admin/contract.ts'
import { ask, Refused } from '../api/ask.ts'
import { Icon } from '../parts/icon.tsx'
import { Empty } from '../parts/parts.tsx'
import { takeArrival } from './arrival.ts'
import styles from './sign-in.module.css'

/** For who is not signed in: whatever ways in this gateway has. */
export function SignInPage(props: {
  readonly ways: SignInWays | undefined
  /** For a guest: goes on as one. */
  readonly leave: (() => void) | undefined
}): ReactNode {
  const { ways, leave } = props
  return (
    <main className={styles['page']} id="main">
      <div className={styles['card']}>
        <span className={styles['mark']}>
          <Icon name="gate" size={24} />
        </span>
        <h1>Sallyport</h1>
        <p className="dim">Sign in to see what comes to the gate.</p>
        {ways !== undefined && <SignInForms ways={ways} />}
        {leave !== undefined && (
          <Button variant="default" onClick={leave}>
            Look around without
          </Button>
        )}
        {leave === undefined && ways?.account !== true && ways?.token !== true && ways?.setup !== true && (
          <Empty title="No way in from here" code="admin: { token: ${SALLYPORT_ADMIN_TOKEN} }">
            This address is open to its own machine only. To sign in from elsewhere, configure a token or an
            account:
          </Empty>
        )}
      </div>
    </main>
  )
}

/** The ways in, as far as there are any; what an address brought is tried first. */
export function SignInForms({ ways }: { readonly ways: SignInWays }): ReactNode {
  const client = useQueryClient()
  const [failed, setFailed] = useState<string>()
  const [busy, setBusy] = useState(false)
  const tried = useRef(false)

  const during = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setFailed(undefined)
    try {
      await work()
    } catch (caught) {
      setFailed(caught instanceof Refused ? caught.message : 'That did not work.')
    }
    setBusy(false)
  }
  const enter = (request: SessionRequest): Promise<void> =>
    during(async () => {
      const session = await ask<SessionReply>('session', { method: 'POST', json: request })
      client.setQueryData(['session'], session)
      await client.invalidateQueries()
    })
  const start = (): Promise<void> =>
    during(async () => {
      const { authorize } = await ask<StartReply>('session', { method: 'POST', json: { kind: 'start' } })
      if (/^https?:\/\//.test(authorize)) globalThis.location.assign(authorize)
    })

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page opens
  useEffect(() => {
    if (tried.current) return
    tried.current = true
    const arrival = takeArrival()
    if (arrival === 'given-up') setFailed('Signing in was given up or refused.')
    else if (arrival !== undefined) void enter(arrival)
  }, [])

  return (
    <div className={styles['forms']}>
      {failed !== undefined && (
        <p role="alert" className={styles['failed']}>
          {failed}
        </p>
      )}
      {ways.account && (
        <Button fullWidth loading={busy} onClick={() => void start()}>
          Sign in with an account
        </Button>
      )}
      {ways.token && (
        <TokenForm busy={busy} label="Token" enter={(token) => enter({ kind: 'token', token })} />
      )}
      {ways.setup && (
        <TokenForm busy={busy} label="Set-up code" enter={(token) => enter({ kind: 'setup', token })} />
      )}
    </div>
  )
}

function TokenForm(props: {
  readonly label: string
  readonly busy: boolean
  readonly enter: (token: string) => Promise<void>
}): ReactNode {
  const [token, setToken] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        // The whole link may be pasted, too.
        void props.enter(token.replace(/^.*#setup=/, '').trim())
      }}
    >
      <PasswordInput
        label={props.label}
        value={token}
        onChange={(event) => setToken(event.currentTarget.value)}
        autoComplete="off"
        maxLength={4096}
      />
      <Button type="submit" variant="default" fullWidth mt="sm" loading={props.busy} disabled={token === ''}>
        Sign in with {props.label === 'Token' ? 'a token' : 'a set-up code'}
      </Button>
    </form>
  )
}
