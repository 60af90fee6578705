import { Button, NativeSelect, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { RevocationRequest } from '../../../../src/admin/contract.ts'
import { useMay } from '../../api/session.tsx'
import { useChange } from '../../api/use-change.ts'
import { Empty, Panel } from '../../parts/parts.tsx'

const kinds = [
  { value: 'subject', label: 'All tokens of a caller', like: 'its subject' },
  { value: 'client', label: 'All tokens of a client', like: 'its client id' },
  { value: 'tokenId', label: 'One token', like: 'its jti' },
] as const

/** Takes back what was issued, at every gateway, at once. */
export function RevokeForm(): ReactNode {
  const may = useMay('operator')
  const change = useChange()
  const [kind, setKind] = useState<(typeof kinds)[number]>(kinds[0])
  const [value, setValue] = useState('')
  const [issuer, setIssuer] = useState('')
  const [reason, setReason] = useState('')
  if (!may) return <Empty title="Not for your role">An operator can take tokens back.</Empty>
  const request: RevocationRequest = {
    [kind.value]: value,
    reason,
    ...(issuer === '' ? {} : { issuer }),
  }
  return (
    <Panel title="Take back what was issued">
      <form
        className="stack"
        style={{ maxWidth: 460 }}
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate(
            { path: 'revocations', json: request, done: `Revoked: ${value}.` },
            { onSuccess: () => setValue('') },
          )
        }}
      >
        <p className="dim">
          Tokens that were issued until now stop working. New ones, after signing in again, work.
        </p>
        <NativeSelect
          label="What"
          value={kind.value}
          data={kinds.map(({ value, label }) => ({ value, label }))}
          onChange={(event) =>
            setKind(kinds.find((one) => one.value === event.currentTarget.value) ?? kinds[0])
          }
        />
        <TextInput
          label="Which"
          required
          maxLength={512}
          placeholder={kind.like}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
        <TextInput
          label="Of which issuer"
          description="Its name in the configuration; empty for every issuer."
          maxLength={128}
          value={issuer}
          onChange={(event) => setIssuer(event.currentTarget.value)}
        />
        <TextInput
          label="Why, for the record"
          required
          maxLength={200}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <div>
          <Button type="submit" color="danger.6" loading={change.isPending}>
            Revoke
          </Button>
        </div>
      </form>
    </Panel>
  )
}
