import type { EventBatch, EventSink } from '../../stages/record/sink.ts'
import type { Channel } from './channel.ts'
import type { MainAnswers } from './messages.ts'

/** Hands audit events to the main thread, which ties them to its chain and has them written. One write at a time. */
export function createThreadSink(main: Channel<MainAnswers>): EventSink {
  const textOf = ({ lines }: EventBatch): string => `[${lines.join(',')}]`
  return {
    name: 'main',
    write: (batch) => main.ask('record', textOf(batch)),
    writeSync: (batch) => main.tell('record', textOf(batch)),
    close: () => Promise.resolve(),
  }
}
