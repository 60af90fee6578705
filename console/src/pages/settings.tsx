import { Button, SegmentedControl, useMantineColorScheme } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ask } from '../api/ask.ts'
import { useSession } from '../api/session.tsx'
import { useHealth } from '../api/use-health.ts'
import { Facts, PageHead, Panel, Pill } from '../parts/parts.tsx'
import { useSay } from '../parts/say.tsx'
import { moment } from '../words/format.ts'
import { SignInForms } from './sign-in.tsx'

const ways: Readonly<Record<string, string>> = {
  loopback: 'from this machine',
  token: 'with a token',
  account: 'with an account',
  issuer: 'with another issuer',
  setup: 'with the set-up link',
}
const may: Readonly<Record<string, string>> = {
  viewer: 'sees everything, changes nothing',
  operator: 'also responds to findings, blocks, unlocks and revokes',
  administrator: 'may do everything',
}

/** How it looks, who is here, and how the gateway is. */
export function SettingsPage(): ReactNode {
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  const session = useSession()
  const health = useHealth()
  return (
    <div className="stack">
      <PageHead
        title="Settings"
        says="What is set here stays in this browser. The gateway itself is set in its policy."
      />
      <Panel title="Colours">
        <SegmentedControl
          aria-label="Colours"
          value={colorScheme}
          onChange={(value) => setColorScheme(value as typeof colorScheme)}
          data={[
            { label: 'As the system', value: 'auto' },
            { label: 'Light', value: 'light' },
            { label: 'Dark', value: 'dark' },
          ]}
        />
      </Panel>
      {session !== undefined && (
        <Panel title="Who is here" aside={session.via === 'loopback' ? undefined : <SignOut />}>
          <div className="stack">
            <Facts
              rows={[
                ['Name', session.name],
                ['Role', `${session.role}: ${may[session.role]}`],
                ['Signed in', ways[session.via]],
                ['Until', session.expires === undefined ? undefined : moment(Date.parse(session.expires))],
              ]}
            />
            {session.via === 'loopback' && session.role !== 'administrator' && (
              <SignInForms ways={session.signIn} />
            )}
          </div>
        </Panel>
      )}
      <Panel title="The gateway">
        <div className="stack">
          {health.data !== undefined && (
            <div className="row">
              <Pill tone={health.data.ready ? 'allowed' : 'denied'}>
                {health.data.ready ? 'ready' : 'not ready'}
              </Pill>
              {health.data.reasons.map((reason) => (
                <span key={reason}>{reason}</span>
              ))}
            </div>
          )}
          <p>
            <a href="/metrics">Metrics</a> for Prometheus, and{' '}
            <a href="/api/v1/openapi.json">the admin API’s contract</a>: everything that these pages do,
            programs can do.
          </p>
        </div>
      </Panel>
    </div>
  )
}

function SignOut(): ReactNode {
  const client = useQueryClient()
  const say = useSay()
  const leave = async (): Promise<void> => {
    await ask('session', { method: 'DELETE' }).catch(() => say('That did not work.', 'failed'))
    await client.resetQueries()
  }
  return (
    <Button size="xs" variant="default" onClick={() => void leave()}>
      Sign out
    </Button>
  )
}
