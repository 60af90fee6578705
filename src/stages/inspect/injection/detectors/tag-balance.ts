/** Elements whose content an HTML tokenizer reads by rules of its own, and those a page is made of. */
const page = new Set(
  'html body head title textarea iframe noembed noframes noscript xmp plaintext select table frameset script style template'.split(
    ' ',
  ),
)
/** Elements that people write in texts, well or badly nested. */
const written = new Set(
  'p b i u s a em br hr li ul ol dl dt dd td tr th tt h1 h2 h3 h4 h5 h6 div pre sub sup big del ins img nav col span code font samp cite mark main small strong center strike button input label option section article header footer aside figure caption details summary blockquote thead tbody tfoot kbd var abbr q'.split(
    ' ',
  ),
)

/** True for the elements of HTML that texts are marked up with. */
export function isWritten(name: string): boolean {
  return written.has(name) || page.has(name)
}

const maxTags = 400
const tag = /<(\/?)([a-z][a-z0-9_.:-]{0,60})|(\/)>/g

export interface StrayClosing {
  /** `page`: HTML that changes how the page is read; `foreign`: XML; `written`: formatting. */
  readonly kind: 'page' | 'foreign' | 'written'
  readonly at: number
  readonly after: number
}

/** How the tags of a lower-case text fit together. */
export interface TagBalance {
  /** The first element that is closed without having been opened (CWE-91, CWE-79); formatting counts last. */
  readonly stray: StrayClosing | undefined
  /** Elements. */
  readonly opened: number
  /** Every element is closed, the innermost first. */
  readonly nested: boolean
}

const noTags: TagBalance = { stray: undefined, opened: 0, nested: true }

/** Reads the tags of a text, some hundred at most. */
export function readTagBalance(lower: string): TagBalance {
  if (!lower.includes('<')) return noTags
  const open = new Map<string, number>()
  const stack: string[] = []
  let stray: StrayClosing | undefined
  let opened = 0
  let nested = true
  tag.lastIndex = 0
  for (
    let hit = tag.exec(lower), count = 0;
    hit !== null && count < maxTags;
    hit = tag.exec(lower), count++
  ) {
    const [, slash, name, empty] = hit
    if (empty !== undefined) {
      const last = stack.pop()
      if (last !== undefined) open.set(last, (open.get(last) ?? 1) - 1)
      continue
    }
    if (name === undefined) continue
    const depth = open.get(name) ?? 0
    if (slash === '') {
      opened++
      open.set(name, depth + 1)
      stack.push(name)
    } else if (depth > 0) {
      open.set(name, depth - 1)
      if (stack.pop() !== name) nested = false
    } else {
      nested = false
      const kind = page.has(name) ? 'page' : written.has(name) ? 'written' : 'foreign'
      if (stray === undefined || stray.kind === 'written')
        stray = { kind, at: hit.index, after: tag.lastIndex }
      if (kind !== 'written') break
    }
  }
  return { stray, opened, nested: nested && stack.length === 0 }
}
