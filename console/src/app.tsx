import { ActionIcon, Modal, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import type { FindingsReply } from '../../src/admin/contract.ts'
import { SessionGate, useSession } from './api/session.tsx'
import { useReply } from './api/use-reply.ts'
import { hrefOf, navigate, usePlace } from './location.ts'
import { hasArrival } from './pages/arrival.ts'
import { OverviewPage } from './pages/overview.tsx'
import { SignInPage } from './pages/sign-in.tsx'
import { TrafficPage } from './pages/traffic.tsx'
import { Icon, type IconName } from './parts/icon.tsx'
import { Empty, Facts, PageHead } from './parts/parts.tsx'
import { SayProvider } from './parts/say.tsx'
import styles from './parts/shell.module.css'

const AboutPage = lazy(() => import('./pages/about.tsx').then((page) => ({ default: page.AboutPage })))
const ApisPage = lazy(() => import('./pages/apis.tsx').then((page) => ({ default: page.ApisPage })))
const CallPage = lazy(() => import('./pages/call.tsx').then((page) => ({ default: page.CallPage })))
const FindingPage = lazy(() => import('./pages/finding.tsx').then((page) => ({ default: page.FindingPage })))
const FindingsPage = lazy(() =>
  import('./pages/findings.tsx').then((page) => ({ default: page.FindingsPage })),
)
const IdentitiesPage = lazy(() =>
  import('./pages/identities.tsx').then((page) => ({ default: page.IdentitiesPage })),
)
const PolicyPage = lazy(() => import('./pages/policy.tsx').then((page) => ({ default: page.PolicyPage })))
const PrincipalPage = lazy(() =>
  import('./pages/principal.tsx').then((page) => ({ default: page.PrincipalPage })),
)
const SettingsPage = lazy(() =>
  import('./pages/settings.tsx').then((page) => ({ default: page.SettingsPage })),
)

interface PageRow {
  readonly segment: string
  readonly name: string
  readonly icon: IconName
  /** Second key of the shortcut: `g` and this. */
  readonly key: string
  readonly show: (rest: readonly string[]) => ReactNode
}

const pages: readonly PageRow[] = [
  { segment: '', name: 'Overview', icon: 'overview', key: 'o', show: () => <OverviewPage /> },
  {
    segment: 'traffic',
    name: 'Traffic',
    icon: 'traffic',
    key: 't',
    show: ([id]) => (id === undefined ? <TrafficPage /> : <CallPage key={id} id={id} />),
  },
  { segment: 'apis', name: 'APIs', icon: 'apis', key: 'a', show: ([name]) => <ApisPage name={name} /> },
  {
    segment: 'findings',
    name: 'Findings',
    icon: 'findings',
    key: 'f',
    show: ([id]) => (id === undefined ? <FindingsPage /> : <FindingPage key={id} id={id} />),
  },
  {
    segment: 'identities',
    name: 'Identities',
    icon: 'identities',
    key: 'i',
    show: ([view]) => <IdentitiesPage view={view} />,
  },
  { segment: 'policy', name: 'Policy', icon: 'policy', key: 'p', show: () => <PolicyPage /> },
  { segment: 'settings', name: 'Settings', icon: 'settings', key: 's', show: () => <SettingsPage /> },
  { segment: 'about', name: 'About', icon: 'about', key: 'b', show: () => <AboutPage /> },
]

/** Pages that others lead to: of a caller. */
function behind([segment, id]: readonly string[]): ReactNode {
  return segment === 'principals' && id !== undefined ? <PrincipalPage key={id} id={id} /> : undefined
}

export function App(): ReactNode {
  return (
    <SessionGate
      signIn={(ways, leave) => <SignInPage ways={ways} leave={leave} />}
      arriving={hasArrival()}
      away={
        <main id="main" style={{ padding: 40 }}>
          <Empty title="The gateway does not answer">
            It may be restarting. This page tries again by itself.
          </Empty>
        </main>
      }
    >
      <SayProvider>
        <Shell />
      </SayProvider>
    </SessionGate>
  )
}

function Shell(): ReactNode {
  const { path, segments } = usePlace()
  const page = pages.find(({ segment }) => segment === (segments[0] ?? ''))
  const main = useRef<HTMLElement>(null)
  const [open, setOpen] = useState(false)
  const [help, setHelp] = useState(false)
  const seen = useRef(path)
  useShortcuts(() => setHelp(true))
  useEffect(() => {
    document.title = `${page?.name ?? (segments[0] === 'principals' ? 'Caller' : 'Not found')} · Sallyport`
    // A new page begins at its top, for the eye and for the keyboard.
    if (seen.current === path) return
    seen.current = path
    setOpen(false)
    globalThis.scrollTo(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [path, page, segments])
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <div className={styles['shell']}>
        <div className={styles['bar']}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="Menu"
            aria-expanded={open}
            aria-controls="rail"
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? 'close' : 'menu'} />
          </ActionIcon>
          <Brand />
        </div>
        <Rail
          current={segments[0] === 'principals' ? 'traffic' : (segments[0] ?? '')}
          open={open}
          onHelp={() => setHelp(true)}
        />
        <main className={styles['main']} id="main" ref={main} tabIndex={-1}>
          <Suspense fallback={null}>
            {page?.show(segments.slice(1)) ?? behind(segments) ?? <NoPage path={path} />}
          </Suspense>
        </main>
      </div>
      <Modal opened={help} onClose={() => setHelp(false)} title="Keys" lockScroll={false} centered>
        <Facts
          rows={[
            ['/', 'filter the calls'],
            ['?', 'this list'],
            ['j, k or arrows', 'next and last call of the list'],
            ...pages.map(({ key, name }): [string, string] => [`g ${key}`, name]),
          ]}
        />
      </Modal>
    </>
  )
}

function NoPage({ path }: { readonly path: string }): ReactNode {
  return (
    <>
      <PageHead title="No such page" />
      <Empty title="Nothing is here">The menu has every page; this is none of them: {path}</Empty>
    </>
  )
}

function Brand(): ReactNode {
  return (
    <a className={styles['brand']} href="#/">
      <span className={styles['mark']}>
        <Icon name="gate" />
      </span>
      Sallyport
    </a>
  )
}

function Rail(props: {
  readonly current: string
  readonly open: boolean
  readonly onHelp: () => void
}): ReactNode {
  const session = useSession()
  const findings = useReply<FindingsReply>('findings?limit=100', 30_000)
  const waiting =
    findings.data?.findings.filter(({ state }) => state === undefined || state === 'open').length ?? 0
  return (
    <nav className={styles['rail']} id="rail" data-open={props.open} aria-label="Pages">
      <Brand />
      <ul className={styles['links']}>
        {pages.map(({ segment, name, icon }) => (
          <li key={segment}>
            <a
              className={styles['link']}
              href={segment === '' ? '#/' : hrefOf([segment])}
              {...(props.current === segment ? { 'aria-current': 'page' as const } : {})}
            >
              <Icon name={icon} />
              {name}
              {segment === 'findings' && waiting > 0 && (
                <span className={styles['badge']}>
                  {waiting}
                  <span className="hidden"> open</span>
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
      <div className={styles['foot']}>
        <div className={styles['tools']}>
          <SchemeButton />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="Keys"
            title="Keys (?)"
            onClick={props.onHelp}
          >
            <Icon name="keyboard" />
          </ActionIcon>
        </div>
        {session !== undefined && (
          <p className={styles['who']}>
            <span className="break">{session.name}</span>
            <br />
            {session.role}
          </p>
        )}
      </div>
    </nav>
  )
}

function SchemeButton(): ReactNode {
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  const dark = useComputedColorScheme('light') === 'dark'
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={dark ? 'Light colours' : 'Dark colours'}
      title={dark ? 'Light colours' : 'Dark colours'}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      <Icon name={dark ? 'sun' : 'moon'} />
    </ActionIcon>
  )
}

/** `g` and a letter goes to a page, `/` to the filter, `?` shows the keys; never while something is typed. */
function useShortcuts(onHelp: () => void): void {
  const first = useRef(0)
  const help = useRef(onHelp)
  help.current = onHelp
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const from = event.composedPath()[0]
      const typing =
        from instanceof HTMLElement &&
        (from.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(from.tagName))
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === '?') help.current()
      if (event.key === '/') {
        event.preventDefault()
        const field = document.getElementById('filter')
        if (field === null) navigate(hrefOf(['traffic']))
        else field.focus()
        return
      }
      const target =
        Date.now() - first.current < 1500 ? pages.find(({ key }) => key === event.key) : undefined
      first.current = event.key === 'g' ? Date.now() : 0
      if (target !== undefined) navigate(target.segment === '' ? '#/' : hrefOf([target.segment]))
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [])
}
