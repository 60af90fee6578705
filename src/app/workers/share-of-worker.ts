import type { LoadedConfig } from '../../config/loaded-config.ts'

/** The configuration of one of several workers: what bounds the whole gateway is divided, at least 1 each. */
export function shareOfWorker(loaded: LoadedConfig, workers: number): LoadedConfig {
  const { config } = loaded
  const share = (whole: number): number => Math.max(1, Math.ceil(whole / workers))
  return {
    ...loaded,
    config: {
      ...config,
      bounds: { ...config.bounds, connections: share(config.bounds.connections) },
      apis: config.apis.map((api) => ({
        ...api,
        upstream: { ...api.upstream, connections: share(api.upstream.connections) },
      })),
    },
  }
}
