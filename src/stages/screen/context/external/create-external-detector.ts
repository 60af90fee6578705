import type { ExternalDetector, ExternalVerdict } from './external-detector.ts'
import { type DetectorShape, shapes } from './shapes.ts'

/** `fetch` of the guarded client: no redirect, no private address that is not written down. */
export interface DetectorClient {
  fetch(url: string, init?: RequestInit): Promise<Response>
}

export interface ExternalDetectorOptions {
  readonly name: string
  readonly kind: 'http' | 'azure-prompt-shields'
  readonly url: string
  /** Credential of the gateway there. */
  readonly key: string | undefined
  /** For all questions about one reply, milliseconds. */
  readonly deadline: number
  readonly onFault: 'open' | 'closed'
}

/** Texts too short to hold an instruction. */
const shortest = 12
/** Questions about one reply. */
const mostQuestions = 4

/** An external detector behind HTTP, in the shape that it speaks. What does not fit into its questions is `partial`. */
export function createExternalDetector(
  options: ExternalDetectorOptions,
  client: DetectorClient,
): ExternalDetector {
  const shape = shapes[options.kind]
  return {
    name: options.name,
    onFault: options.onFault,
    async judge(texts, requestId) {
      const { questions, partial } = questionsOf(texts, shape)
      const signal = AbortSignal.timeout(options.deadline)
      const flagged: boolean[] = texts.map(() => false)
      await Promise.all(
        questions.map(async (question) => {
          const request = shape.request(
            options,
            question.map((i) => (texts[i] as string).slice(0, shape.mostChars)),
          )
          const response = await client.fetch(request.url, {
            method: 'POST',
            headers: { ...request.headers, 'content-type': 'application/json', 'x-request-id': requestId },
            body: request.body,
            signal,
          })
          if (response.status !== 200) throw new Error(`status ${response.status}`)
          const answers = shape.parse(await response.json(), question.length)
          for (const [k, i] of question.entries()) flagged[i] = answers[k] === true
        }),
      )
      return { flagged, partial } satisfies ExternalVerdict
    },
  }
}

/** Which texts go into which question, by their place. */
function questionsOf(
  texts: readonly string[],
  { mostTexts, mostChars }: DetectorShape,
): { questions: number[][]; partial: boolean } {
  const questions: number[][] = []
  let partial = false
  let chars = 0
  for (const [i, text] of texts.entries()) {
    if (text.length < shortest) continue
    const length = Math.min(text.length, mostChars)
    let last = questions.at(-1)
    if (last === undefined || last.length >= mostTexts || chars + length > mostChars) {
      if (questions.length === mostQuestions) return { questions, partial: true }
      last = []
      questions.push(last)
      chars = 0
    }
    if (text.length > mostChars) partial = true
    last.push(i)
    chars += length
  }
  return { questions, partial }
}
