import { TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { AboutReply } from '../../../src/admin/contract.ts'
import { useReply } from '../api/use-reply.ts'
import { Empty, Facts, PageHead, Panel, Rows } from '../parts/parts.tsx'
import { Reply } from '../parts/reply.tsx'
import { ago, moment } from '../words/format.ts'

/** What runs here, and of what it is made. */
export function AboutPage(): ReactNode {
  const reply = useReply<AboutReply>('about')
  const [text, setText] = useState('')
  return (
    <>
      <PageHead
        title="About"
        says="One guarded gate in front of HTTP APIs. What their contract does not declare does not pass."
      />
      <Reply of={reply} height={300}>
        {(about) => {
          const shown = about.dependencies.filter(({ name }) => name.includes(text.toLowerCase()))
          const started = Date.parse(about.startedAt)
          return (
            <div className="stack">
              <Panel title="This gateway">
                <Facts
                  rows={[
                    ['Sallyport', about.version],
                    ['Node', about.node],
                    ['Started', `${moment(started)} (${ago(started)})`],
                    ...Object.entries(about.assurance ?? {}).map(([name, value]): [string, string] => [
                      name,
                      String(value),
                    ]),
                  ]}
                />
              </Panel>
              <Panel
                title={`${about.dependencies.length} packages`}
                flush
                aside={
                  <TextInput
                    aria-label="Package"
                    placeholder="Package"
                    size="xs"
                    value={text}
                    maxLength={100}
                    onChange={(event) => setText(event.currentTarget.value)}
                  />
                }
              >
                {shown.length === 0 ? (
                  <Empty title="None by this name">It is not part of this gateway.</Empty>
                ) : (
                  <Rows
                    label="Packages"
                    rows={shown}
                    keyOf={({ name, version }) => `${name} ${version}`}
                    columns={[
                      { name: 'Package', cell: ({ name }) => <span className="mono">{name}</span> },
                      { name: 'Version', cell: ({ version }) => version },
                      { name: 'Licence', cell: ({ licence }) => licence },
                    ]}
                  />
                )}
              </Panel>
            </div>
          )
        }}
      </Reply>
    </>
  )
}
