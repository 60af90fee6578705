import type { ReactNode } from 'react'
import { Empty } from '../../parts/parts.tsx'

/** Where no authorization server is embedded. */
export function NoServer(): ReactNode {
  return (
    <Empty
      title="No authorization server here"
      code={'authority:\n  issuer: https://id.example.com\n  audience: https://api.example.com'}
    >
      People are known to another server, which this gateway only trusts. With a server of its own, they would
      be here:
    </Empty>
  )
}
