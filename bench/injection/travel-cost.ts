import { existsSync } from 'node:fs'
import { freePort } from '../free-port.ts'
import { measure } from '../measure.ts'
import { loadCore } from '../pinned-process.ts'
import { createSite } from '../site.ts'
import { modsecurity, startBackend } from '../subjects/nginx.ts'
import { sallyport } from '../subjects/sallyport.ts'

/** CPU of the POST of the travel scenario, as a share of what nginx with ModSecurity and CRS takes. */
const goal = 0.05

/** Measures the travel POST through Sallyport and through ModSecurity in one run; undefined where a tool is missing. */
export async function compareTravelPost(): Promise<string | undefined> {
  if (![modsecurity.needs, '/usr/bin/wrk', '/usr/sbin/nginx'].every((file) => existsSync(file)))
    return undefined
  const site = await createSite(32)
  const backendPort = await freePort()
  const backend = await startBackend(site, loadCore, backendPort)
  const pace = { seconds: 2, rounds: 2, rate: 200 }
  try {
    const cpuOf = async (subject: typeof sallyport): Promise<number> => {
      const { rows } = await measure(subject, site, backendPort, pace)
      return rows.find(({ scenario }) => scenario === 'post')?.cpu ?? Number.NaN
    }
    const own = await cpuOf(sallyport)
    const peer = await cpuOf(modsecurity)
    const ratio = own / peer
    return `travel POST: ${own.toFixed(0)} µs CPU a call, ${modsecurity.title} ${peer.toFixed(0)} µs, ratio ${ratio.toFixed(3)} (goal ≤ ${goal}, ${ratio <= goal ? 'reached' : 'missed'})`
  } finally {
    await backend.stop()
    site.close()
  }
}
