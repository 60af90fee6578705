import type { ProbeStage } from '../probe-stage.ts'
import { checkForeignActs, checkStaffWrites } from './foreign-acts.ts'
import { checkForgedTokens } from './forged-tokens.ts'
import { checkFunctions } from './functions.ts'
import { checkGuessedObjects } from './guessed-objects.ts'
import { checkInjection } from './injection.ts'
import { checkInventory } from './inventory.ts'
import { checkLimits } from './limits.ts'
import { checkMadeObjects } from './made-objects.ts'
import { checkMassAssignment } from './mass-assignment.ts'
import { checkMisconfiguration } from './misconfiguration.ts'
import { checkMissingCredential } from './missing-credential.ts'
import { checkObjectReads } from './object-reads.ts'
import { checkObjectWrites } from './object-writes.ts'
import { checkReplyProperties } from './reply-properties.ts'
import { checkServerRequests } from './server-requests.ts'
import { checkSignInBypass } from './sign-in-bypass.ts'
import { checkSlowPatterns } from './slow-patterns.ts'
import { checkStaffProperties } from './staff-properties.ts'
import { checkUndeclaredWrites } from './undeclared-writes.ts'

const stage = (name: string, rules: string, run: ProbeStage['run'], writes = false): ProbeStage => ({
  name,
  rules: rules.split(' '),
  run: async (world, keys) => {
    if (!writes || world.session.write) await run(world, keys)
  },
})

/** What is tested, in this order: what reads before what writes, bursts and what may change an identity last. */
export const checks: readonly ProbeStage[] = [
  stage('credentials', 'auth.missing auth.any-credential', checkMissingCredential),
  stage(
    'tokens',
    'auth.alg-none auth.signature auth.key-confusion auth.jwks-spoof auth.weak-secret auth.expired auth.no-expiry auth.audience auth.id-token',
    checkForgedTokens,
  ),
  stage('objects of others', 'bola.read bola.list', checkObjectReads),
  stage('ids that count', 'bola.read', checkGuessedObjects),
  stage('functions', 'bfla.read bfla.scope bfla.tampered auth.missing', checkFunctions),
  stage('replies', 'property.secret property.internal', checkReplyProperties),
  stage('properties of staff', 'property.role', checkStaffProperties),
  stage('changes of others', 'bola.write bola.delete auth.missing', checkObjectWrites, true),
  stage('calls for others', 'bola.act bola.read auth.missing bfla.scope', checkForeignActs, true),
  stage('changes that no read shows', 'bola.act bola.delete', checkMadeObjects, true),
  stage('mass assignment', 'property.assignment', checkMassAssignment, true),
  stage('server-side requests', 'ssrf redirect.open', checkServerRequests),
  stage('sign-in bypass', 'injection.sql injection.nosql', checkSignInBypass, true),
  stage(
    'injection',
    'injection.sql injection.nosql injection.command injection.template injection.path',
    checkInjection,
  ),
  stage('slow patterns', 'injection.regex', checkSlowPatterns),
  stage(
    'misconfiguration',
    'cors.reflected cors.any error.verbose banner method.trace',
    checkMisconfiguration,
  ),
  stage('inventory', 'inventory.version inventory.path method.undeclared', checkInventory),
  stage('undeclared removals', 'method.undeclared', checkUndeclaredWrites, true),
  stage('limits', 'limit.sign-in limit.rate limit.page flow.unlimited auth.enumeration', checkLimits),
  stage('staff functions', 'bfla.write auth.missing', checkStaffWrites, true),
]
