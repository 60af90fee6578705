import { createTheme, type MantineColorsTuple, type MantineThemeOverride } from '@mantine/core'

/** Sea water at a harbour wall: the one colour of actions and links. */
const harbour: MantineColorsTuple = [
  '#e8f6f9',
  '#d3e9ef',
  '#a8d3df',
  '#79bccd',
  '#53a8bf',
  '#3a9bb6',
  '#0d6a82',
  '#0b5d73',
  '#0a5063',
  '#063f4f',
]

/** What cannot be taken back, or hurts somebody. */
const danger: MantineColorsTuple = [
  '#fdeeeb',
  '#f8d9d3',
  '#f3b5a9',
  '#ee9382',
  '#e2745f',
  '#cf4a35',
  '#b33a27',
  '#a33322',
  '#8a2a1c',
  '#6d1f14',
]

/** Greys of the dark pages, with the blue of the ground in them. */
const night: MantineColorsTuple = [
  '#d5dde3',
  '#b7c3cc',
  '#98a8b4',
  '#64747f',
  '#34434f',
  '#26323c',
  '#1e2831',
  '#141c23',
  '#10171d',
  '#0d1318',
]

const sans =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif'

/** Shared by the pages and by the build, which writes its variables into a style sheet. */
export const theme: MantineThemeOverride = createTheme({
  primaryColor: 'harbour',
  // The same in both: what stands on it is computed for one of them.
  primaryShade: 6,
  autoContrast: true,
  colors: { harbour, danger, dark: night },
  fontFamily: sans,
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", "DejaVu Sans Mono", monospace',
  headings: { fontFamily: sans, fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
})
