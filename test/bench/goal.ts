/** One measured figure against what it must reach. A figure without a goal is reported only. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number }
}

export function meetsGoal({ value, goal }: Figure): boolean {
  if (goal === undefined) return true
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost
}

/** The figures as lines of a Markdown table. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const goal =
      figure.goal === undefined
        ? 'reported'
        : 'atLeast' in figure.goal
          ? `at least ${figure.goal.atLeast}`
          : `at most ${figure.goal.atMost}`
    const verdict = figure.goal === undefined ? '' : meetsGoal(figure) ? 'yes' : 'NO'
    return `| ${figure.name} | ${round(figure.value)} ${figure.unit} | ${goal} | ${verdict} |`
  })
  return ['| what | measured | goal | reached |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function round(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
