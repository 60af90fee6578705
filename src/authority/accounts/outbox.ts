import type { Mail, Mailer } from '../../kernel/mailer.ts'

/** Mails that are sent while nobody waits: an answer must not tell by its time whether a mail goes out. */
export interface Outbox {
  push(mail: Mail): void
  /** Waits for what is under way. */
  close(): Promise<void>
}

const most = 1_000
const atOnce = 4
const triesEach = 3

/** `onFailed` is called for each mail that was given up. */
export function createOutbox(mailer: Mailer, onFailed: () => void, retryMs = 2_000): Outbox {
  const waiting: Mail[] = []
  const sending = new Set<Promise<void>>()

  async function deliver(mail: Mail): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await mailer.send(mail)
      } catch {
        if (tries === triesEach) return onFailed()
        await new Promise<void>((resolve) => setTimeout(resolve, retryMs * tries).unref())
      }
    }
  }

  function pump(): void {
    while (sending.size < atOnce) {
      const mail = waiting.shift()
      if (mail === undefined) return
      const one = deliver(mail).finally(() => {
        sending.delete(one)
        pump()
      })
      sending.add(one)
    }
  }

  return {
    push(mail) {
      if (waiting.length >= most) return onFailed()
      waiting.push(mail)
      setImmediate(pump)
    },
    async close() {
      pump()
      const idle = async (): Promise<void> => {
        while (sending.size > 0) await Promise.all(sending)
      }
      await Promise.race([idle(), new Promise<void>((resolve) => setTimeout(resolve, 2_000).unref())])
    },
  }
}
