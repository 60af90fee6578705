import {
  convertCssVariables,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  mergeMantineTheme,
} from '@mantine/core'
import type { Plugin } from 'vite'
import { theme } from './src/theme/theme.ts'

const name = 'virtual:theme.css'

/** The theme's variables as a file of their own: the library would write them into a style element, which the policy forbids. */
export function themePlugin(): Plugin {
  return {
    name: 'theme',
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load(id) {
      if (id !== `\0${name}`) return undefined
      const resolved = defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme))
      return convertCssVariables(resolved, ':root')
    },
  }
}
