import type { Page } from 'playwright-core'

/** Says why in the dialog that is open, and goes through with it. */
export async function confirm(page: Page, label: string, reason: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Why, for the record').fill(reason)
  await dialog.getByRole('button', { name: label, exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
}
