import { parseArgs } from 'node:util'
import { figureTable, meetsGoal, type Figure } from '#test/bench/goal.ts'
import { growthFigure, pathFigures, runFigures } from './sim-report.ts'
import { Simulation, type SimOptions, type SimResult } from './simulation.ts'

const help = `npm run sim [-- options]

Simulates a network of home PCs that place themselves and route by the code that Skein runs, and compares what comes of it with the
best possible. Then smaller networks, to see how cost grows, and small ones, whose best chains are found by trying all.

  --peers <n>      PCs that take part, online or not (10000)
  --hours <n>      simulated hours; the first two are not counted (24)
  --seed <n>       everything random follows from it (1)
  --sessions <n>   conversations that each person begins in a day (1)
  --only           this one network, no others
  --json           figures as JSON
  --help

Ends with 1 when a goal is missed.`

/** Networks whose cost is compared with the large one, and how long they run. */
const growth = { peers: [100, 1000], hours: 8 } as const
/** Networks of which every chain can be tried. */
const small = { peers: [60, 120, 240], hours: 12, sessionsPerDay: 20 } as const

function simulate(options: SimOptions): { result: SimResult; seconds: number } {
  const before = process.cpuUsage()
  let shown = 0
  const result = new Simulation(options).run((share) => {
    if (share - shown < 0.1) return
    shown = share
    process.stderr.write(`${options.peers} peers: ${Math.round(share * 100)} %\n`)
  })
  const used = process.cpuUsage(before)
  return { result, seconds: (used.user + used.system) / 1e6 }
}

function main(options: SimOptions, isAlone: boolean): readonly Figure[] {
  const { result, seconds } = simulate(options)
  const perDay = (seconds * 24) / options.hours
  const time: Figure = { name: 'one simulated day', value: perDay, unit: 's of one core' }
  const figures = [...runFigures(result), { ...time, goal: { atMost: 60 } }]
  if (isAlone) return figures
  const smaller = growth.peers
    .filter((peers) => peers < options.peers)
    .map((peers) => simulate({ ...options, peers, hours: growth.hours }).result)
  const { hours, sessionsPerDay } = small
  const paths = small.peers.map((peers) => simulate({ ...options, peers, hours, sessionsPerDay }))
  return [
    ...figures,
    ...smaller.map((from) => growthFigure(from, result)),
    ...pathFigures(paths.map((it) => it.result))
  ]
}

const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: '10000' },
    hours: { type: 'string', default: '24' },
    seed: { type: 'string', default: '1' },
    sessions: { type: 'string', default: '1' },
    only: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false }
  }
})
const options = {
  peers: Number(values.peers),
  hours: Number(values.hours),
  seed: Number(values.seed),
  sessionsPerDay: Number(values.sessions)
}
const isSound =
  Object.values(options).every((value) => Number.isFinite(value) && value >= 0) &&
  Number.isInteger(options.peers) &&
  options.peers >= 2 &&
  options.hours > 2
if (values.help) console.log(help)
else if (!isSound) {
  console.error(`At least 2 peers and more than 2 hours, in numbers.\n\n${help}`)
  process.exitCode = 2
} else {
  const figures = main(options, values.only)
  console.log(
    values.json ? JSON.stringify({ options, figures }, undefined, 2) : figureTable(figures)
  )
  if (!figures.every(meetsGoal)) process.exitCode = 1
}
