import { attacks } from '../../examples/travel/attacks.ts'
import { isStopped, runAttack } from '../../examples/travel/run-attack.ts'
import type { Scene } from '../../examples/travel/scene.ts'
import { startUpstream } from '../../examples/travel/upstream/start-upstream.ts'

export interface Demonstration {
  readonly table: string
  /** Names of attacks that the gate should have stopped and did not, or that do not even work without it. */
  readonly surprises: readonly string[]
}

/** Runs every attack against an upstream of its own and against the gate; nothing it breaks outlives it. */
export async function demonstrate(gate: string, scene: Scene, colour: boolean): Promise<Demonstration> {
  const alone = await startUpstream()
  const surprises: string[] = []
  const paint = (code: number, text: string): string => (colour ? `\x1b[${code}m${text}\x1b[0m` : text)
  const lines: string[] = []
  const width = Math.max(...attacks.map(({ name }) => name.length))
  try {
    for (const attack of attacks) {
      const direct = await runAttack(attack, alone.url, scene)
      const gated = await runAttack(attack, gate, scene)
      const stopped = isStopped(attack, gated)
      if (!direct.succeeded || !stopped) surprises.push(attack.name)
      const answer = `${gated.reply.status} ${gated.code ?? ''}`.trimEnd()
      const verdict = stopped
        ? paint(32, gated.code === undefined ? `harmless  ${answer}` : `refused   ${answer}`)
        : paint(31, `FAILED    ${answer}`)
      const works = direct.succeeded ? 'works' : paint(31, 'does not work')
      lines.push(`  ${attack.owasp.padEnd(10)}  ${attack.name.padEnd(width)}  ${works}  ${verdict}`)
    }
  } finally {
    await alone.close()
  }
  const header = `  ${'OWASP'.padEnd(10)}  ${'attack'.padEnd(width)}  alone  at the gate`
  return { table: [header, ...lines].join('\n'), surprises }
}
