import { html } from './html.ts'
import type { Site, View } from './site.ts'

/** A whole HTML document. */
export function layout(site: Site, view: View): string {
  const { words, assets } = site
  const title = `${view.failed === true ? `${words.error}: ` : ''}${view.title} · ${words.product}`
  return html`<!doctype html>
<html lang="${words.language}">
<head>
<meta charset="utf-8">
<title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<link rel="icon" href="${assets.logo}">
<link rel="stylesheet" href="${assets.style}">
${assets.theme !== undefined && html`<link rel="stylesheet" href="${assets.theme}">`}
${view.script === true && html`<script src="${assets.passkeyScript}" defer></script>`}
</head>
<body class="${view.width}">
<a class="skip" href="#main">${words.skip}</a>
<header class="brand">${
    assets.named
      ? html`<img src="${assets.logo}" alt="${words.product}" height="36">`
      : html`<img src="${assets.logo}" alt="" height="36"><span>${words.product}</span>`
  }</header>
<main id="main">${view.body}</main>
</body>
</html>
`.toString()
}
