import { deny } from '../../kernel/verdict.ts'
import { trustField } from './context/context-fields.ts'
import { isForeign, isRead, isWatched } from './context/options.ts'
import { readBody } from './read-body.ts'
import { readJson } from './read-json.ts'
import type { ReaderOptions, ReaderTools, Reading } from './reading.ts'
import type { ReplyReader } from './reply-reader.ts'
import { compileSecretSearch, type SecretSearch } from './secrets/find-secrets.ts'
import type { SecretPlan } from './secrets/secret-plan.ts'

const searches = new Map<string, SecretSearch>()

function searchOf(plan: SecretPlan | undefined): SecretSearch | undefined {
  if (plan === undefined || plan.mode === 'off') return undefined
  const name = plan.kinds.join()
  const search = searches.get(name) ?? compileSecretSearch(plan.kinds)
  searches.set(name, search)
  return search
}

/** Builds the reader of one operation; undefined where there is nothing to be read or said. */
export function createReader(options: ReaderOptions, tools: ReaderTools): ReplyReader | undefined {
  const { secrets, listener } = options
  const content = options.content?.control === 'off' ? undefined : options.content
  const search = searchOf(secrets)
  if (content === undefined && search === undefined && listener === undefined) return undefined
  const read = content !== undefined && isRead(content) ? content : undefined
  const reading: Reading = { ...options, content, read, search, tools }
  const enforcing = secrets?.mode === 'enforce'
  return {
    demanding: read !== undefined || enforcing || (content !== undefined && isForeign(content)),
    head: content === undefined || isWatched(content) ? [] : trustField(content),
    json: (answered, leaving) => readJson(reading, answered, leaving),
    unparsed(answered) {
      const code = read !== undefined && !isWatched(read) ? 'SCREEN_CONTEXT' : 'SCREEN_SECRET'
      const reason = 'JSON that cannot be read'
      if (code === 'SCREEN_CONTEXT' || enforcing) return deny(code, 'screen.context', reason)
      if (read !== undefined)
        answered.trail.note('screen', 'screen.context', 'allow', undefined, `partial; ${reason}`)
      return undefined
    },
    body(answered, essence) {
      if (read === undefined && !enforcing)
        return content === undefined || isWatched(content)
          ? undefined
          : { body: answered.answer.body, coded: true, fields: trustField(content) }
      return readBody(reading, answered, essence)
    },
  }
}
