import { createHash } from 'node:crypto'
import type { SkeinError } from '#contract/errors.ts'
import { statusOf } from './error-response.ts'

const style = `
  body { margin: 20vh auto; max-width: 32rem; padding: 0 1.5rem; line-height: 1.6;
    font-family: system-ui, sans-serif; background: #fbfaf6; color: #262320 }
  h1 { font-size: 1.25rem; font-weight: 600 }
  p + p { color: #6b6660 }
  @media (prefers-color-scheme: dark) {
    body { background: #171412; color: #ece8e1 }
    p + p { color: #aaa49b }
  }
`

/** This page brings its own style, and may bring nothing else. */
const contentSecurityPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`

/** What a browser shows when there is no page for it: the error's text, and nothing that could be forged into it. */
export function plainPage(error: SkeinError): Response {
  const { sentence, remedy } = error.toValue()
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Skein</title>
<style>${style}</style>
</head>
<body>
<h1>Skein</h1>
<p>${sentence}</p>
<p>${remedy}</p>
</body>
</html>
`
  return new Response(html, {
    status: statusOf(error),
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': contentSecurityPolicy
    }
  })
}
