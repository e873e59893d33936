import { type SkeinError } from '#contract/errors.ts'
import { statusOf } from './error-response.ts'

/** What a browser shows when there is no page for it: the error's text, and nothing that could be forged into it. */
export function plainPage(error: SkeinError): Response {
  const { sentence, remedy } = error.toValue()
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Skein</title>
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
    headers: { 'Content-Type': 'text/html; charset=utf-8' }
  })
}
