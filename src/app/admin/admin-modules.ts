import { createApiRoutes } from '../../admin/api-routes.ts'
import { createFindingRoutes, type FindingsSource } from '../../admin/finding-routes.ts'
import { createIdentityRoutes } from '../../admin/identity-routes.ts'
import { createOverviewRoutes } from '../../admin/overview/overview-routes.ts'
import { createPolicyRoutes } from '../../admin/policy-routes.ts'
import { createPrincipalRoutes } from '../../admin/principal-routes.ts'
import type { RouteModule } from '../../admin/route.ts'
import { createStreamRoutes } from '../../admin/stream-routes.ts'
import type { AdminConfig } from '../../config/types/listen-config.ts'
import type { RunningAuthority } from '../authority/start-authority.ts'
import type { Policy } from '../policy/policy.ts'
import type { Services } from '../services.ts'
import { accountOf } from './admin-accounts.ts'
import { createAdminApis } from './admin-apis.ts'
import { createAdminFindings } from './admin-findings.ts'
import { createAdminIdentities } from './admin-identities.ts'
import { exposeStream } from './admin-metrics.ts'
import { createAdminPolicy } from './admin-policy.ts'
import { createAdminTraffic } from './admin-traffic.ts'

/** The routes of the admin address beyond health, metrics and events: one row for each part of the console. */
export interface AdminModules {
  readonly modules: readonly RouteModule[]
  readonly findings: FindingsSource
  close(): void
}

export async function createAdminModules(
  config: AdminConfig,
  services: Services,
  policy: () => Policy,
  authority: RunningAuthority | undefined,
): Promise<AdminModules> {
  const findings = createAdminFindings(services, authority)
  const traffic = createAdminTraffic(services, { policy, findings: findings.findings })
  exposeStream(services.metrics.registry, traffic.stream)
  return {
    findings,
    modules: [
      createOverviewRoutes(traffic.overview),
      createStreamRoutes(traffic.stream),
      createFindingRoutes(findings),
      createPrincipalRoutes({
        events: services.events,
        findings: findings.findings,
        blocks: findings.blocks,
        account: (issuer, sub) => accountOf(authority, issuer, sub),
      }),
      createApiRoutes(createAdminApis(policy)),
      createPolicyRoutes(createAdminPolicy(policy, services.events, services.log)),
      createIdentityRoutes(createAdminIdentities(config, () => policy().loaded.config, services, authority)),
    ],
    close: () => traffic.close(),
  }
}
