/** What the checks of the supply chain let pass, each with its reason. One that is used no more is an error. */
export interface Exception {
  /** Name of the package. */
  readonly name: string
  readonly what: 'licence' | 'install-script' | 'no-integrity'
  readonly reason: string
}

/** Licences that ask for no more than their own text beside the code. */
export const permissive: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'PSF-2.0',
  'Python-2.0',
  'WTFPL',
])

/** Most packages that production installs; more is a decision, not an accident. */
export const mostProductionPackages = 140

/** The CSS compiler of Vite, a package for each platform. */
const lightningcss = [
  '',
  '-android-arm64',
  '-darwin-arm64',
  '-darwin-x64',
  '-freebsd-x64',
  '-linux-arm-gnueabihf',
  '-linux-arm64-gnu',
  '-linux-arm64-musl',
  '-linux-x64-gnu',
  '-linux-x64-musl',
  '-win32-arm64-msvc',
  '-win32-x64-msvc',
].map((platform) => `lightningcss${platform}`)

export const exceptions: readonly Exception[] = [
  { name: 'axe-core', what: 'licence', reason: 'MPL-2.0, used unchanged by tests; never shipped' },
  ...['binaryextensions', 'editions', 'istextorbinary', 'textextensions', 'version-range'].map(
    (name): Exception => ({
      name,
      what: 'licence',
      reason: 'Artistic-2.0, below the secret scan; never shipped',
    }),
  ),
  { name: 'spdx-exceptions', what: 'licence', reason: 'CC-BY-3.0, a list of names; never shipped' },
  ...lightningcss.map(
    (name): Exception => ({
      name,
      what: 'licence',
      reason: 'MPL-2.0, used unchanged to build the console; never shipped',
    }),
  ),
  {
    name: 'protobufjs',
    what: 'install-script',
    reason: 'below the gRPC client of the tests; scripts are off (.npmrc), and it works without',
  },
]
