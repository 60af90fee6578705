import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { needsChromium } from '../support/chromium.ts'
import { createConsoleScene } from '../support/console-scene.ts'
import { testCalls } from './console/calls.ts'
import { testHostileTexts } from './console/hostile-texts.ts'
import { testIdentities } from './console/identities.ts'
import { testKeyboard } from './console/keyboard.ts'
import { testManyCalls } from './console/many-calls.ts'
import { testPages } from './console/pages.ts'
import { testPolicy } from './console/policy.ts'
import { testResponses } from './console/responses.ts'
import { testSignIn } from './console/sign-in.ts'

/** The console in a browser, in front of one gateway that has had a morning. */
const scene = createConsoleScene()

before(async () => {
  if (needsChromium().skip === false) await scene.start()
})
after(() => scene.close())

testSignIn(scene)
testIdentities(scene)
testPages(scene)
testCalls(scene)
testKeyboard(scene)
testPolicy(scene)
testResponses(scene)
testHostileTexts(scene)
testManyCalls(scene)

test('no page breaks its own policy or asks another host', needsChromium(), () => {
  assert.deepEqual(scene.complaints, [])
})
