import react from '@vitejs/plugin-react'
import type { UserConfig } from 'vite'
import { themePlugin } from './theme-plugin.ts'

/** What `console/build.ts` builds; no inline script or style, so that a strict Content-Security-Policy holds. */
export const viteConfig: UserConfig = {
  root: import.meta.dirname,
  configFile: false,
  logLevel: 'warn',
  plugins: [react(), themePlugin()],
  build: {
    target: 'es2024',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    reportCompressedSize: false,
  },
}
