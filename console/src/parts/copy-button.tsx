import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { Icon } from './icon.tsx'

/** Copies, and says that it did. Where the browser has no clipboard (plain HTTP), it says so. */
export function CopyButton({
  text,
  children,
}: {
  readonly text: string
  readonly children: ReactNode
}): ReactNode {
  const [said, setSaid] = useState<string>()
  const copy = async (): Promise<void> => {
    setSaid(await write(text))
    setTimeout(() => setSaid(undefined), 2000)
  }
  return (
    <Button
      variant="default"
      leftSection={<Icon name={said === 'Copied' ? 'check' : 'copy'} size={15} />}
      onClick={() => void copy()}
    >
      <span aria-live="polite">{said ?? children}</span>
    </Button>
  )
}

async function write(text: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(text)
    return 'Copied'
  } catch {
    return 'Not allowed here'
  }
}
