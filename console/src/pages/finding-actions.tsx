import type { ReactNode } from 'react'
import type { FindingAction, FindingReply } from '../../../src/admin/contract.ts'
import { ActionButton } from '../parts/action-button.tsx'

interface ActionWords {
  readonly label: string
  readonly says: (who: string) => string
  readonly danger?: true
  readonly withMinutes?: true
}

const actions: Readonly<Record<FindingAction, ActionWords>> = {
  acknowledge: { label: 'Seen to', says: () => 'Somebody has looked at this; it is no longer open.' },
  block: {
    label: 'Block',
    says: (who) => `Every call of ${who} is refused for a time.`,
    danger: true,
    withMinutes: true,
  },
  release: { label: 'Release', says: (who) => `${who} may call again at once.` },
  revoke: {
    label: 'Revoke',
    says: (who) => `All that was issued to ${who} stops working now.`,
    danger: true,
  },
  'step-up': {
    label: 'Sign in again',
    says: (who) => `${who} has to sign in again before the next call, for a time.`,
    withMinutes: true,
  },
}

export function actionInWords(action: FindingAction): string {
  return actions[action].label
}

/** What can be done about a finding now. */
export function FindingActions({ finding }: { readonly finding: FindingReply }): ReactNode {
  const who = finding.subject.key === '' ? finding.subject.kind : finding.subject.key
  return finding.actions.map((action) => {
    const { label, says, danger, withMinutes } = actions[action]
    return (
      <ActionButton
        key={action}
        label={label}
        says={says(who)}
        danger={danger === true}
        withMinutes={withMinutes === true}
        change={({ reason, minutes }) => ({
          path: `findings/${encodeURIComponent(finding.id)}/respond`,
          json: { action, reason, ...(withMinutes === true ? { minutes } : {}) },
          done: `Done: ${label.toLowerCase()}, ${who}.`,
        })}
      />
    )
  })
}
