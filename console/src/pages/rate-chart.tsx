import { BarChart } from '@mantine/charts'
import type { ReactNode } from 'react'
import type { OverviewReply } from '../../../src/admin/contract.ts'
import { clock } from '../words/format.ts'

const series = [
  { name: 'passed', color: 'var(--allowed)' },
  { name: 'watched', color: 'var(--observed)' },
  { name: 'refused', color: 'var(--denied)' },
]
const tick = { fontSize: 11.5, fill: 'var(--dim)' }

/** Calls over time, stacked by verdict. */
export function RateChart({ overview }: { readonly overview: OverviewReply }): ReactNode {
  const { buckets, bucketSeconds } = overview
  const data = buckets.map((bucket) => {
    const at = Date.parse(bucket.at)
    return {
      at: clock(at, at).slice(0, bucketSeconds % 60 === 0 ? 5 : 8),
      passed: bucket.allowed - bucket.observed,
      watched: bucket.observed,
      refused: bucket.denied,
    }
  })
  const most = Math.max(0, ...data.map(({ passed, watched, refused }) => passed + watched + refused))
  return (
    <>
      <p className="hidden">
        Calls over time, stacked by verdict: at most {most} in {bucketSeconds} seconds.
      </p>
      <div aria-hidden="true">
        <BarChart
          h={240}
          data={data}
          dataKey="at"
          type="stacked"
          series={series}
          gridAxis="x"
          tickLine="none"
          withLegend={false}
          barProps={{ isAnimationActive: false }}
          barChartProps={{ barCategoryGap: '18%', accessibilityLayer: false }}
          xAxisProps={{ minTickGap: 48, tick }}
          yAxisProps={{ allowDecimals: false, width: 44, tick }}
          tooltipAnimationDuration={0}
        />
      </div>
    </>
  )
}
