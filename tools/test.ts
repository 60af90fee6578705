// The whole suite: static checks first, then every test beside the code and under test/. Arguments are files or
// patterns to run instead of everything.
import { join } from 'node:path'
import { installPackages } from './packages.ts'
import { runSteps } from './steps.ts'

const named = process.argv.slice(2)
const patterns =
  named.length > 0
    ? named
    : ['src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts', 'tools/**/*.test.ts']
const checks = named.length > 0 ? [] : ([['static checks', 'node', ['tools/lint.ts']]] as const)

// What is compiled once is loaded from here by every later process, the gateways that tests start included.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '..', 'node_modules', '.cache', 'compiled')

installPackages()
process.exit(
  runSteps([
    ...checks,
    ['console', 'node', ['console/build.ts']],
    [
      'tests',
      'node',
      [
        '--test',
        '--test-concurrency=2',
        '--test-timeout=120000',
        '--test-reporter=./tools/reporter.ts',
        ...patterns,
      ],
    ],
  ]),
)
