import { NativeSelect, Tabs } from '@mantine/core'
import type { ReactNode } from 'react'
import type { ApiReply, ApisReply } from '../../../src/admin/contract.ts'
import { useReply } from '../api/use-reply.ts'
import { hrefOf, navigate, usePlace } from '../location.ts'
import { Empty, PageHead, Panel } from '../parts/parts.tsx'
import { Reply } from '../parts/reply.tsx'
import { ContractView } from './contract-view.tsx'
import { CoverageMatrix } from './coverage-matrix.tsx'
import { InventoryView } from './inventory-view.tsx'

/** What is behind the gate: which control guards which operation, what is called, what the contract says. */
export function ApisPage({ name }: { readonly name: string | undefined }): ReactNode {
  const reply = useReply<ApisReply>('apis')
  return (
    <Reply of={reply} height={400}>
      {({ items }) => {
        const api = items.find((one) => one.name === name) ?? items[0]
        return api === undefined ? (
          <Empty
            title="No API yet"
            code={'apis:\n  travel: { contract: travel.openapi.yaml, upstream: "http://127.0.0.1:4000" }'}
          >
            An API is a contract and where it is:
          </Empty>
        ) : (
          <Api api={api} names={items.map((one) => one.name)} />
        )
      }}
    </Reply>
  )
}

function Api({ api, names }: { readonly api: ApiReply; readonly names: readonly string[] }): ReactNode {
  const { query } = usePlace()
  const view = query.get('view') ?? 'controls'
  const show = (value: string | null): void =>
    navigate(hrefOf(['apis', api.name], { view: value ?? '' }), 'replace')
  return (
    <>
      <PageHead
        title={api.title === '' ? api.name : api.title}
        says={`${api.name} · version ${api.version} · ${api.operations.length} operations. Each place of the table is a question about an operation, with the rule that answers it.`}
      >
        {names.length > 1 && (
          <NativeSelect
            aria-label="API"
            value={api.name}
            data={[...names]}
            onChange={(event) => navigate(hrefOf(['apis', event.currentTarget.value], { view }))}
          />
        )}
      </PageHead>
      <Tabs value={view} onChange={show} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="controls">Controls</Tabs.Tab>
          <Tabs.Tab value="inventory">Inventory</Tabs.Tab>
          <Tabs.Tab value="contract">Contract</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="controls">
          <CoverageMatrix api={api} focus={query.get('operation') ?? undefined} />
        </Tabs.Panel>
        <Tabs.Panel value="inventory">
          <InventoryView api={api.name} />
        </Tabs.Panel>
        <Tabs.Panel value="contract">
          <Panel>
            <ContractView name={api.name} />
          </Panel>
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
