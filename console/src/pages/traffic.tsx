import { Button, Kbd, SegmentedControl, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { hrefOf, navigate, usePlace } from '../location.ts'
import { Icon } from '../parts/icon.tsx'
import { PageHead } from '../parts/parts.tsx'
import { count } from '../words/format.ts'
import { CallTable } from './call-table.tsx'
import { type Filter, filterOf, parseFilter, writeFilter } from './filter.ts'
import styles from './traffic.module.css'
import { useCalls } from './use-calls.ts'

/** Every call, live and stored, narrowed to what is asked for. */
export function TrafficPage(): ReactNode {
  const { query } = usePlace()
  const filter = filterOf(query)
  const [paused, setPaused] = useState(false)
  const calls = useCalls(filter, paused)
  const waiting = calls.waiting > 0 ? ` (${count(calls.waiting)} new)` : ''
  return (
    <>
      <PageHead
        title="Traffic"
        says="Every call, as it comes. Open one to see what each stage said about it."
      />
      <div className={styles['bar']}>
        <FilterField key={writeFilter(filter)} filter={filter} />
        <SegmentedControl
          aria-label="Outcome"
          value={filter.outcome ?? ''}
          onChange={(outcome) => go({ ...filter, outcome })}
          data={[
            { label: 'All', value: '' },
            { label: 'Passed', value: 'allowed' },
            { label: 'Refused', value: 'denied' },
          ]}
        />
        <Button
          variant="default"
          leftSection={<Icon name={paused ? 'play' : 'pause'} size={15} />}
          onClick={() => setPaused(!paused)}
        >
          {paused ? `Go on${waiting}` : 'Pause'}
        </Button>
      </div>
      <CallTable calls={calls} filtered={Object.keys(filter).length > 0} />
    </>
  )
}

function go(filter: Filter): void {
  navigate(hrefOf(['traffic'], filter))
}

function FilterField({ filter }: { readonly filter: Filter }): ReactNode {
  const [text, setText] = useState(writeFilter(filter))
  const { outcome, since, until } = filter
  const kept: Filter = {
    ...(outcome === undefined ? {} : { outcome }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  }
  return (
    <form
      className={styles['filter']}
      onSubmit={(event) => {
        event.preventDefault()
        go({ ...parseFilter(text), ...kept })
      }}
    >
      <TextInput
        id="filter"
        aria-label="Filter"
        placeholder="Filter: a word, code:AUTHORIZE_OBJECT, sub:ada, stage:limit, status:403"
        value={text}
        maxLength={500}
        onChange={(event) => setText(event.currentTarget.value)}
        leftSection={<Icon name="search" size={16} />}
        rightSection={<Kbd size="xs">/</Kbd>}
        spellCheck={false}
        autoComplete="off"
      />
    </form>
  )
}
