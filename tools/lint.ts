// Types, lint, format, patterns, supply chain, dead code and generated documents, in that order; the first that fails ends the run.
import { runSteps } from './steps.ts'

process.exit(
  runSteps([
    ['types', 'tsc', ['--noEmit', '--project', '.']],
    ['types of the console', 'tsc', ['--noEmit', '--project', 'console']],
    ['lint and format', 'biome', ['check', '--error-on-warnings', '.']],
    ['patterns', 'node', ['tools/lint-patterns.ts']],
    ['supply chain', 'node', ['tools/supply-chain.ts']],
    ['dead code', 'knip', ['--no-progress']],
    ['generated documents', 'node', ['tools/docs.ts', '--check']],
    ['assurance page', 'node', ['tools/assurance.ts', '--check']],
  ]),
)
