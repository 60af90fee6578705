/** How one kind of detector is asked. */
export interface DetectorShape {
  /** Texts in one question. */
  readonly mostTexts: number
  /** Characters in one question. */
  readonly mostChars: number
  request(
    options: { readonly url: string; readonly key: string | undefined },
    texts: readonly string[],
  ): { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  /** For each text: flagged. Throws where the answer is not one. */
  parse(answer: unknown, count: number): readonly boolean[]
}

/**
 * Ours: `{ "texts": [ … ] }` is answered by `{ "results": [ { "flagged": true } ] }`, one for each text. And Prompt Shields of
 * Azure AI Content Safety, whose documents are the texts (`text:shieldPrompt`, version 2024-09-01).
 */
export const shapes: Readonly<Record<'http' | 'azure-prompt-shields', DetectorShape>> = {
  http: {
    mostTexts: 256,
    mostChars: 65_536,
    request: ({ url, key }, texts) => ({
      url,
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      body: JSON.stringify({ texts }),
    }),
    parse: (answer, count) => flags(member(answer, 'results'), 'flagged', count),
  },
  'azure-prompt-shields': {
    mostTexts: 5,
    mostChars: 10_000,
    request: ({ url, key }, documents) => ({
      url: `${url.replace(/\/+$/, '')}/contentsafety/text:shieldPrompt?api-version=2024-09-01`,
      headers: key === undefined ? {} : { 'ocp-apim-subscription-key': key },
      body: JSON.stringify({ userPrompt: '', documents }),
    }),
    parse: (answer, count) => flags(member(answer, 'documentsAnalysis'), 'attackDetected', count),
  },
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

function flags(list: unknown, name: string, count: number): readonly boolean[] {
  if (!Array.isArray(list) || list.length !== count) throw new Error('an answer that is none')
  return list.map((one: unknown) => {
    const flag = member(one, name)
    if (typeof flag !== 'boolean') throw new Error('an answer that is none')
    return flag
  })
}
