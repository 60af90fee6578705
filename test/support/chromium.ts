import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome-stable']

/** The browser of this machine; undefined where there is none. `CHROMIUM` names another. */
function findChromium(): string | undefined {
  const named = process.env['CHROMIUM']
  return (named === undefined ? places : [named]).find((place) => existsSync(place))
}

/** Starts it without a window and without talking to its maker. Throws where there is none. */
export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('no Chromium on this machine: apt-get install chromium')
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/**
 * Options of a test that needs a browser: without one it is skipped and says so, but under CI=true it runs, and fails.
 */
export function needsChromium(): { readonly skip: string | false; readonly timeout: number } {
  const absent = findChromium() === undefined && process.env['CI'] !== 'true'
  return {
    skip: absent && 'no Chromium on this machine: no browser has seen the pages (apt-get install chromium)',
    timeout: 90_000,
  }
}
