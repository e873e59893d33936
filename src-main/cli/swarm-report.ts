import type { AnswerReport, RouteStage } from '#contract/chat.ts'
import type { ModelInfo } from '#contract/model.ts'

/** The chain, one line per stage. */
export function chainLines(model: ModelInfo, route: readonly RouteStage[]): string[] {
  const parameters = shortNumber(model.parameters)
  const title = `${model.name}: ${parameters} parameters, ${model.quantisation}, ${model.layers} layers`
  const rows = route.map(({ peer, range, isLocal, roundTripMillis }, index) => [
    `peer ${index + 1}`,
    peer.slice(0, 8),
    `layers ${range.first}-${range.end - 1}`,
    isLocal
      ? 'asks'
      : roundTripMillis === undefined
        ? 'not measured'
        : `${roundTripMillis.toFixed(1)} ms round trip`
  ])
  return [title, ...aligned(rows, ['start', 'start', 'start', 'start']).map((line) => `  ${line}`)]
}

/** Speed, bytes on the wire, and where the time went. */
export function reportLines(report: AnswerReport): string[] {
  const { promptTokens, answerTokens, prefillTime, decodeTime, bytesPerTokenPerHop } = report
  const perToken = (millis: number): string => (millis / Math.max(1, answerTokens - 1)).toFixed(2)
  const rows = report.route.map((_, stage) => [
    `peer ${stage + 1}`,
    (prefillTime.computeMillis[stage] ?? 0).toFixed(0),
    (prefillTime.waitMillis[stage] ?? 0).toFixed(0),
    perToken(decodeTime.computeMillis[stage] ?? 0),
    perToken(decodeTime.waitMillis[stage] ?? 0),
    bytesPerTokenPerHop[stage]?.toFixed(0) ?? '-'
  ])
  const wire = [
    'wire',
    prefillTime.wireMillis.toFixed(0),
    '',
    perToken(decodeTime.wireMillis),
    '',
    ''
  ]
  const heals = report.heals.map(
    ({ range, why, replayedTokens, pauseMillis }) =>
      `layers ${range.first}-${range.end - 1} went to another peer (${why}): ` +
      `${replayedTokens} tokens replayed, a pause of ${pauseMillis.toFixed(0)} ms`
  )
  return [
    ...heals,
    `prefill ${promptTokens} tokens, ${report.prefillTokensPerSecond.toFixed(1)} tok/s; ` +
      `decode ${answerTokens} tokens, ${report.decodeTokensPerSecond.toFixed(1)} tok/s; ` +
      `first token after ${report.firstTokenMillis.toFixed(0)} ms; seed ${report.seed}`,
    ...aligned(
      [
        ['', 'prefill ms', 'wait', 'ms per token', 'wait', 'bytes per token to the next'],
        ...rows,
        wire
      ],
      ['start', 'end', 'end', 'end', 'end', 'end']
    ).map((line) => `  ${line}`)
  ]
}

/** Columns as wide as their widest cell, two spaces apart. */
function aligned(
  rows: readonly (readonly string[])[],
  sides: readonly ('start' | 'end')[]
): string[] {
  const widths = sides.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return sides[column] === 'end' ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  )
}

function shortNumber(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(1)}B`
  return value >= 1e6 ? `${(value / 1e6).toFixed(1)}M` : String(value)
}
