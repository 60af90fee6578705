/** One block of the tutorial that a reader carries out. */
export type TutorialStep =
  | { readonly kind: 'file'; readonly name: string; readonly text: string }
  | { readonly kind: 'serve'; readonly command: string }
  | { readonly kind: 'run'; readonly commands: string; readonly expected: readonly string[] }
  | { readonly kind: 'replace'; readonly key: string; readonly text: string }

/**
 * What a page asks its reader to do, in order: blocks marked `file=NAME`, `serve`, `run`, `replace=KEY`; an `expect`
 * block belongs to the `run` before it.
 * @throws Error for a block that says nothing of what it is: nothing on the page goes unread.
 */
export function parseTutorial(page: string): readonly TutorialStep[] {
  const steps: TutorialStep[] = []
  for (const [, info = '', text = ''] of page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)) {
    const [, word = ''] = info.split(' ')
    const [kind, name = ''] = word.split('=')
    if (kind === 'file') steps.push({ kind, name, text })
    else if (kind === 'replace') steps.push({ kind, key: name, text })
    else if (kind === 'serve') steps.push({ kind, command: text.trim() })
    else if (kind === 'run') steps.push({ kind, commands: text.trim(), expected: [] })
    else if (kind === 'expect') {
      const before = steps.pop()
      if (before?.kind !== 'run') throw new Error(`nothing runs before: ${text}`)
      steps.push({ ...before, expected: text.trim().split('\n') })
    } else throw new Error(`a block that nobody runs: ${info}`)
  }
  return steps
}
