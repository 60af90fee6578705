import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react'
import styles from './say.module.css'

type Tone = 'done' | 'failed'
interface Said {
  readonly text: string
  readonly tone: Tone
}

const Say = createContext<(text: string, tone?: Tone) => void>(() => undefined)

/** Says in one line what a button did, to eyes and ears. */
export function useSay(): (text: string, tone?: Tone) => void {
  return useContext(Say)
}

export function SayProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [said, setSaid] = useState<Said>()
  useEffect(() => {
    if (said === undefined) return undefined
    const timer = setTimeout(() => setSaid(undefined), 6000)
    return () => clearTimeout(timer)
  }, [said])
  return (
    <Say value={useCallback((text: string, tone: Tone = 'done') => setSaid({ text, tone }), [])}>
      {children}
      <div role="status" className={styles['place']}>
        {said !== undefined && (
          <p className={styles['said']} data-tone={said.tone}>
            {said.text}
          </p>
        )}
      </div>
    </Say>
  )
}
