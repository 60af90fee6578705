import './trusted-text.ts'
import './theme/library.ts'
import 'virtual:theme.css'
import './style.css'
import { MantineProvider } from '@mantine/core'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Refused } from './api/ask.ts'
import { App } from './app.tsx'
import { theme } from './theme/theme.ts'

/** A session that ended is noticed by whatever is asked next. */
function onError(error: Error): void {
  if (error instanceof Refused && error.status === 401)
    void client.invalidateQueries({ queryKey: ['session'] })
}

const client = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, { queryKey }) => {
      if (queryKey[0] !== 'session') onError(error)
    },
  }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: { queries: { staleTime: 2000, refetchOnWindowFocus: true } },
})
const root = document.getElementById('root')
if (root !== null)
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        withCssVariables={false}
        withGlobalClasses={false}
        deduplicateCssVariables={false}
      >
        <QueryClientProvider client={client}>
          <App />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  )
