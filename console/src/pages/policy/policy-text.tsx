import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import type { PolicyFinding } from '../../../../src/admin/contract.ts'
import { useReply } from '../../api/use-reply.ts'
import { type PolicySchema, type Suggestion, suggestionsAt } from '../../words/schema-suggestions.ts'
import { yamlPlace } from '../../words/yaml-place.ts'
import styles from '../policy.module.css'

interface Offer {
  readonly suggestions: readonly Suggestion[]
  readonly picked: number
  /** Letters that are written already. */
  readonly prefix: number
  readonly line: number
  readonly column: number
}

/**
 * The file as a field of text that every keyboard and reader knows, with what the schema knows beside it: typing offers
 * names and values (Ctrl+Space asks for them), arrows choose, Enter or Tab takes, Escape closes.
 */
export function PolicyText(props: {
  readonly text: string
  readonly findings: readonly PolicyFinding[]
  /** A line to go to; `at` tells one wish from the next. */
  readonly goTo: { readonly line: number; readonly at: number } | undefined
  readonly onChange: (text: string) => void
}): ReactNode {
  const { text, findings, goTo, onChange } = props
  const schema = useReply<PolicySchema>('policy/schema')
  const field = useRef<HTMLTextAreaElement>(null)
  const [offer, setOffer] = useState<Offer>()
  const id = useId()
  const lines = text.split('\n').length

  useEffect(() => {
    if (goTo === undefined || field.current === null) return
    const start = field.current.value
      .split('\n')
      .slice(0, goTo.line - 1)
      .join('\n').length
    field.current.focus({ preventScroll: true })
    field.current.setSelectionRange(start + (goTo.line > 1 ? 1 : 0), start + (goTo.line > 1 ? 1 : 0))
    document.getElementById(`${id}-line-${goTo.line}`)?.scrollIntoView({ block: 'center' })
  }, [goTo, id])

  const ask = (always: boolean): void => setOffer(offerAt(schema.data, field.current, always))
  const take = (suggestion: Suggestion): void => {
    const { current } = field
    if (current === null || offer === undefined) return
    current.setSelectionRange(current.selectionStart - offer.prefix, current.selectionStart)
    setOffer(undefined)
    // The one way of writing that can be undone by the keyboard.
    document.execCommand('insertText', false, suggestion.insert)
  }

  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.ctrlKey && event.key === ' ') {
      event.preventDefault()
      ask(true)
      return
    }
    if (offer === undefined) return
    const { suggestions, picked } = offer
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const chosen = event.key === 'Enter' || event.key === 'Tab' ? suggestions[picked] : undefined
    if (step !== undefined)
      setOffer({ ...offer, picked: (picked + step + suggestions.length) % suggestions.length })
    else if (chosen !== undefined) take(chosen)
    else if (event.key === 'Escape') setOffer(undefined)
    else {
      if (/^(Arrow|Home|End|Page)/.test(event.key)) setOffer(undefined)
      return
    }
    event.preventDefault()
  }

  return (
    <div className={styles['editor']}>
      <Numbers id={id} lines={lines} findings={findings} />
      <div className={styles['paper']}>
        {findings.map(({ line, severity }, index) =>
          line === null ? undefined : (
            <div
              // biome-ignore lint/suspicious/noArrayIndexKey: as they come, and they come all at once
              key={index}
              className={styles['mark']}
              data-severity={severity}
              style={{ top: topOf(line - 1) }}
            />
          ),
        )}
        <textarea
          ref={field}
          className={styles['text']}
          aria-label="Configuration"
          aria-invalid={findings.some(({ severity }) => severity === 'error')}
          aria-describedby={`${id}-help`}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={offer === undefined ? undefined : `${id}-offer`}
          aria-activedescendant={offer === undefined ? undefined : `${id}-${offer.picked}`}
          rows={lines}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          value={text}
          onChange={(event) => {
            onChange(event.currentTarget.value)
            const typed = (event.nativeEvent as InputEvent).data
            if (typed !== null && typed !== undefined && /^[\w ]$/.test(typed)) ask(false)
            else setOffer(undefined)
          }}
          onKeyDown={pressed}
          onBlur={() => setOffer(undefined)}
          onClick={() => setOffer(undefined)}
        />
        {offer !== undefined && <Offers id={id} offer={offer} take={take} />}
        <p id={`${id}-help`} className="hidden">
          Ctrl and space offer what can be written here; arrows choose, Enter takes, Escape closes.
        </p>
        <p className="hidden" role="status">
          {offer !== undefined && `${offer.suggestions.length} suggestions`}
        </p>
      </div>
    </div>
  )
}

function topOf(line: number): string {
  return `calc(0.75rem + ${line * 1.5}em)`
}

function offerAt(
  schema: PolicySchema | undefined,
  field: HTMLTextAreaElement | null,
  always: boolean,
): Offer | undefined {
  if (schema === undefined || field === null) return undefined
  const before = field.value.slice(0, field.selectionStart)
  const place = yamlPlace(before)
  if (place === undefined || (!always && place.prefix === '')) return undefined
  const suggestions = suggestionsAt(schema, place)
  if (suggestions.length === 0) return undefined
  const written = before.split('\n')
  return {
    suggestions,
    picked: 0,
    prefix: place.prefix.length,
    line: written.length,
    column: (written.at(-1)?.length ?? 0) - place.prefix.length,
  }
}

/** Numbers of the lines; one with something said about it shows so, and says it to whoever points at it. */
function Numbers(props: {
  readonly id: string
  readonly lines: number
  readonly findings: readonly PolicyFinding[]
}): ReactNode {
  const said = Map.groupBy(props.findings, ({ line }) => line)
  return (
    <div className={styles['numbers']} aria-hidden="true">
      {Array.from({ length: props.lines }, (_, index) => {
        const about = said.get(index + 1)
        return (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: it is the number of the line
            key={index}
            id={`${props.id}-line-${index + 1}`}
            {...(about !== undefined && {
              'data-severity': about.some(({ severity }) => severity === 'error') ? 'error' : 'warning',
              title: about.map(({ message }) => message).join('\n'),
            })}
          >
            {index + 1}
          </div>
        )
      })}
    </div>
  )
}

function Offers(props: {
  readonly id: string
  readonly offer: Offer
  readonly take: (suggestion: Suggestion) => void
}): ReactNode {
  const { suggestions, picked, line, column } = props.offer
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current?.children[picked]?.scrollIntoView({ block: 'nearest' })
  }, [picked])
  const described = suggestions[picked]?.description ?? ''
  return (
    <div
      className={styles['offers']}
      style={{ top: topOf(line), left: `clamp(0px, calc(0.75rem + ${column}ch), max(0px, 100% - 27rem))` }}
    >
      <div id={`${props.id}-offer`} role="listbox" aria-label="Suggestions" ref={list} tabIndex={-1}>
        {suggestions.map((suggestion, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus
          <div
            key={suggestion.label}
            id={`${props.id}-${index}`}
            role="option"
            aria-selected={index === picked}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => props.take(suggestion)}
          >
            <span className="clip">{suggestion.label}</span>
            <span className="dim small clip">{suggestion.note}</span>
          </div>
        ))}
      </div>
      {described !== '' && <p className="small">{described}</p>}
    </div>
  )
}
