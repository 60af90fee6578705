import { type ReactNode, useState } from 'react'
import type { ApiControl, ApiOperation, ApiReply } from '../../../src/admin/contract.ts'
import { hrefOf } from '../location.ts'
import { Empty, Facts, Panel, Pill, type Tone } from '../parts/parts.tsx'
import { controlInWords, stateInWords } from '../words/controls.ts'
import styles from './apis.module.css'

interface Picked {
  readonly operation: string
  readonly control: string
}

const states = ['enforce', 'observe', 'missing', 'off'] as const

/** Operations × controls; each place opens to the rule behind it. */
export function CoverageMatrix(props: {
  readonly api: ApiReply
  readonly focus: string | undefined
}): ReactNode {
  const { operations } = props.api
  const columns = Object.keys(operations[0]?.controls ?? {})
  const first = props.focus === undefined ? undefined : { operation: props.focus, control: columns[0] ?? '' }
  const [picked, setPicked] = useState<Picked | undefined>(first)
  if (operations.length === 0)
    return <Empty title="No operation">Nothing is declared, so nothing passes.</Empty>
  return (
    <Panel title={<Legend />} flush>
      <div className={styles['scroll']}>
        <table className={styles['matrix']} aria-label="Operations and the controls that guard them">
          <thead>
            <tr>
              <th scope="col">Operation</th>
              {columns.map((column) => (
                <th key={column} scope="col" title={controlInWords(column).asks}>
                  {controlInWords(column).name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {operations.map((operation) => (
              <OperationRows
                key={operation.id}
                api={props.api.name}
                operation={operation}
                columns={columns}
                picked={picked?.operation === operation.id ? picked.control : undefined}
                pick={(control) =>
                  setPicked(
                    picked?.operation === operation.id && picked.control === control
                      ? undefined
                      : { operation: operation.id, control },
                  )
                }
              />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}

function Legend(): ReactNode {
  return (
    <span className={`${styles['legend']} small`}>
      {states.map((state) => (
        <span key={state}>
          <span className={styles['sign']} data-state={state} aria-hidden="true" /> {stateInWords[state]}
        </span>
      ))}
    </span>
  )
}

function OperationRows(props: {
  readonly api: string
  readonly operation: ApiOperation
  readonly columns: readonly string[]
  readonly picked: string | undefined
  readonly pick: (control: string) => void
}): ReactNode {
  const { operation, columns, picked } = props
  const control = picked === undefined ? undefined : operation.controls[picked]
  return (
    <>
      <tr data-open={control !== undefined} data-operation={operation.id}>
        <th scope="row">
          <a
            className={`${styles['operation']} clip`}
            href={hrefOf(['traffic'], { api: props.api, operation: operation.id })}
          >
            {operation.id}
          </a>
          <span className={`${styles['route']} clip mono dim`}>
            {operation.method} {operation.path}
          </span>
          {operation.deprecated && <Pill tone="observed">deprecated</Pill>}
        </th>
        {columns.map((column) => {
          const cell = operation.controls[column]
          return (
            <td key={column}>
              {cell !== undefined && (
                <button
                  type="button"
                  className={styles['cell']}
                  aria-expanded={picked === column}
                  aria-label={`${controlInWords(column).name} of ${operation.id}: ${stateInWords[cell.state]}`}
                  title={`${stateInWords[cell.state]}: ${cell.rule}`}
                  onClick={() => props.pick(column)}
                >
                  <span className={styles['sign']} data-state={cell.state} />
                </button>
              )}
            </td>
          )
        })}
      </tr>
      {control !== undefined && picked !== undefined && (
        <tr className={styles['detail']}>
          <td colSpan={columns.length + 1}>
            <Detail name={picked} control={control} />
          </td>
        </tr>
      )}
    </>
  )
}

const tones: Readonly<Record<ApiControl['state'], Tone>> = {
  enforce: 'allowed',
  observe: 'observed',
  missing: 'denied',
  off: 'plain',
}

function Detail({ name, control }: { readonly name: string; readonly control: ApiControl }): ReactNode {
  return (
    <div className={styles['card']} role="status" data-detail="">
      <div className="row">
        <strong>{controlInWords(name).asks}</strong>
        <Pill tone={tones[control.state]}>{stateInWords[control.state]}</Pill>
      </div>
      <Facts
        rows={[
          [control.state === 'missing' || control.state === 'off' ? 'Why' : 'Rule', control.rule],
          ['Written at', control.place],
        ]}
      />
    </div>
  )
}
