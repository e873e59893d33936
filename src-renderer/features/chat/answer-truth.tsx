import type { ReactNode } from 'react'
import type { AnswerReport, FinishReason, Heal, RouteStage } from '#contract/chat.ts'
import { formatMillis, formatRate, shortKey } from '../../lib/format.ts'
import { texts } from '../../lib/texts.ts'

const words = texts.truth

/** One line under an answer that opens into where it came from and what it cost. */
export function AnswerTruth(props: {
  readonly report: AnswerReport
  readonly finish: FinishReason
}): ReactNode {
  const { report, finish } = props
  return (
    <details className="text-muted mt-2 text-sm">
      <summary className="hover:text-ink w-fit cursor-pointer leading-6">
        {summarise(report)}
      </summary>
      <dl className="border-line mt-2 grid gap-x-6 gap-y-1.5 border-l-2 pl-4 leading-6 sm:grid-cols-[auto_1fr]">
        <Fact name={words.route}>
          <ol>
            {report.route.map((stage) => (
              <li key={stage.range.first}>{describeStage(stage)}</li>
            ))}
          </ol>
        </Fact>
        {report.heals.length === 0 ? null : (
          <Fact name={words.healed}>
            <ol>
              {report.heals.map((heal, index) => (
                <li key={index}>{describeHeal(heal)}</li>
              ))}
            </ol>
          </Fact>
        )}
        <Fact name={words.tokens}>
          {words.tokenCount(report.promptTokens, report.answerTokens)}
        </Fact>
        <Fact name={words.reading}>{words.speed(formatRate(report.prefillTokensPerSecond))}</Fact>
        <Fact name={words.writing}>{words.speed(formatRate(report.decodeTokensPerSecond))}</Fact>
        <Fact name={words.wait}>{formatMillis(report.firstTokenMillis)}</Fact>
        <Fact name={words.time}>{describeTime(report)}</Fact>
        <Fact name={words.seed}>{String(report.seed)}</Fact>
        <Fact name={words.end}>{texts.finish[finish]}</Fact>
      </dl>
    </details>
  )
}

function Fact({
  name,
  children
}: {
  readonly name: string
  readonly children: ReactNode
}): ReactNode {
  return (
    <>
      <dt className="font-medium">{name}</dt>
      <dd className="text-ink min-w-0 break-words tabular-nums max-sm:mb-1">{children}</dd>
    </>
  )
}

function summarise(report: AnswerReport): string {
  const layers = report.route.at(-1)?.range.end ?? 0
  const isLocal = report.route.every((stage) => stage.isLocal)
  return [
    isLocal ? words.onThisPc(layers) : words.overPeers(layers, report.route.length),
    words.speed(formatRate(report.decodeTokensPerSecond)),
    words.firstToken(formatMillis(report.firstTokenMillis))
  ].join(' · ')
}

function describeStage({ peer, range, isLocal, roundTripMillis }: RouteStage): string {
  const parts = [
    words.layers(range.first + 1, range.end),
    isLocal ? words.thisPc : words.peer(shortKey(peer))
  ]
  if (roundTripMillis !== undefined) parts.push(words.roundTrip(formatMillis(roundTripMillis)))
  return parts.join(' · ')
}

function describeHeal({ range, from, to, pauseMillis }: Heal): string {
  const names = (peers: Heal['from']): string =>
    peers.map((it) => words.peer(shortKey(it))).join(', ')
  const layers = words.layers(range.first + 1, range.end)
  return words.heal(layers, names(from), names(to), formatMillis(pauseMillis))
}

function describeTime({ prefillTime, decodeTime }: AnswerReport): string {
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
  const both = [prefillTime, decodeTime]
  return words.timeSplit(
    formatMillis(total(both.flatMap((time) => time.computeMillis))),
    formatMillis(total(both.flatMap((time) => time.waitMillis))),
    formatMillis(total(both.map((time) => time.wireMillis)))
  )
}
