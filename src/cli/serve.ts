import type { App } from '../app/app.ts'
import type { LoadedConfig } from '../config/loaded-config.ts'
import { digestsOf, type Watch, watchConfig } from '../config/watch-config.ts'
import { Unusable } from '../kernel/finding.ts'
import { printable } from '../report/printable.ts'
import { renderFindings } from '../report/render-findings.ts'
import { type Command, textOf } from './command.ts'
import { readConfig } from './load-policy.ts'
import { withProgress } from './progress.ts'
import type { Terminal } from './terminal.ts'
import { uniqueFindings } from './unique-findings.ts'

export const serveCommand: Command = {
  name: 'serve',
  summary: 'run the gateway',
  help: `
Usage: sallyport serve [options]

Runs until SIGTERM or SIGINT, then lets calls under way end; a second signal ends at once.
SIGHUP or a changed file reloads as a whole: a bad file keeps the old policy and says why.
What the gateway says goes to standard error; audit events go where \`log.events\` says (standard output).

      --config FILE    configuration (default sallyport.yaml)
      --no-watch       reload on SIGHUP alone
`,
  options: {
    config: { type: 'string', default: 'sallyport.yaml' },
    'no-watch': { type: 'boolean', default: false },
  },
  async run({ values, terminal }) {
    const file = textOf(values, 'config') ?? ''
    const loaded = await readConfig(file)
    const app = await withProgress(terminal, 'starting', async () => {
      const { createApp } = await import('../app/app.ts')
      return createApp(loaded)
    })
    return runUntilStopped(app, loaded, file, values['no-watch'] !== true, terminal)
  },
}

/** Addresses, open doors by name, and what else there is to know. */
function announce(app: App, terminal: Terminal): void {
  for (const { kind, url } of app.addresses) terminal.err(`sallyport: ${kind} ${url}\n`)
  for (const note of app.notes) terminal.err(`sallyport: ${printable(note)}\n`)
  terminal.err('sallyport: ready\n')
}

async function runUntilStopped(
  app: App,
  first: LoadedConfig,
  file: string,
  watching: boolean,
  terminal: Terminal,
): Promise<number> {
  let loaded = first
  let watch: Watch | undefined
  let reloading: Promise<void> = Promise.resolve()
  let stopping = false

  // `since`: what the files held before they were read, so that a change during the reload is seen.
  const rewatch = (since: ReadonlyMap<string, string>): void => {
    watch?.close()
    if (watching && !stopping)
      watch = watchConfig(
        loaded,
        (changed) => reload(`${changed.length === 1 ? 'a file' : 'files'} changed`),
        {
          since,
        },
      )
  }
  const reload = (why: string): void => {
    // One after the other: a change during a reload is another reload.
    reloading = reloading.then(async () => {
      if (stopping) return
      const before = digestsOf(loaded.files)
      try {
        const next = await readConfig(file)
        await app.reload(next)
        loaded = next
        terminal.err(`sallyport: reloaded (${why})\n`)
        for (const note of app.notes) terminal.err(`sallyport: ${printable(note)}\n`)
      } catch (error) {
        tellFailedReload(error, terminal)
      }
      rewatch(before)
    })
  }

  rewatch(digestsOf(loaded.files))
  process.on('SIGHUP', () => reload('SIGHUP'))
  await new Promise<void>((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      if (stopping) {
        terminal.err(`sallyport: ${signal} again, ending at once\n`)
        process.exit(signal === 'SIGINT' ? 130 : 143)
      }
      stopping = true
      terminal.err(`sallyport: ${signal}, letting calls under way end\n`)
      resolve()
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
    // Only now: who reads this may send a signal at once.
    announce(app, terminal)
  })
  watch?.close()
  await reloading
  await app.close(loaded.config.timeouts.drain)
  terminal.err('sallyport: stopped\n')
  // Nothing should keep the process now; where something does, it is not worth waiting for.
  setTimeout(() => process.exit(0), 2000).unref()
  return 0
}

function tellFailedReload(error: unknown, terminal: Terminal): void {
  if (error instanceof Unusable)
    terminal.err(renderFindings(uniqueFindings(error.findings), 'text', { colour: terminal.colourErr }))
  else terminal.err(`sallyport: ${printable(error instanceof Error ? error.message : 'unknown failure')}\n`)
  terminal.err('sallyport: not reloaded, the old policy stays in force\n')
}
