/** How a chart over forwards looks: axes in whole numbers, a series for each lane, in the page's own colours. */
import uPlot from "uplot";

export type ChartKind = "line" | "bars";

export interface ChartColors {
  readonly ink: string;
  readonly grid: string;
  /** By lane. */
  readonly lanes: readonly string[];
}

interface ChartOptions {
  readonly kind: ChartKind;
  readonly laneCount: number;
  readonly width: number;
  readonly colors: ChartColors;
  readonly hooks: uPlot.Hooks.Arrays;
}

export const chartHeight = 190;

/** Steps of both axes: there is no half a forward, and no half a token. */
const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];

/** The colours of a custom property as the element has them, in its colour scheme. */
export function chartColors(element: HTMLElement): ChartColors {
  const before = element.style.color;
  const colorOf = (name: string) => {
    element.style.color = `var(${name})`;
    return getComputedStyle(element).color;
  };
  const lanes = [colorOf("--lane-a"), colorOf("--lane-b")];
  const colors = { ink: colorOf("--ink-soft"), grid: colorOf("--line"), lanes };
  element.style.color = before;
  return colors;
}

export function chartOptions({ kind, laneCount, width, colors, hooks }: ChartOptions): uPlot.Options {
  const axis = {
    stroke: colors.ink,
    grid: { stroke: colors.grid, width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
    incrs: wholeSteps,
  };
  const isLine = kind === "line";
  return {
    width,
    height: chartHeight,
    padding: [10, 12, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: isLine } },
    scales: {
      // Bars stand on both sides of their forward.
      x: {
        time: false,
        range: (_, __, last) => (isLine ? [0, Math.max(1, last)] : [0.4, Math.max(1, last) + 0.6]),
      },
      y: { range: (_, __, most) => [0, Math.max(1, most ?? 1)] },
    },
    axes: [
      { ...axis, size: 26, gap: 4 },
      { ...axis, size: 38, gap: 4 },
    ],
    series: [
      {},
      ...Array.from({ length: laneCount }, (_, lane) => {
        const stroke = colors.lanes[lane]!;
        return isLine ? lineSeries(stroke, lane) : barSeries(stroke, lane, laneCount);
      }),
    ],
    hooks,
  };
}

/** The second lane is dashed, so that colour alone tells nothing. */
function lineSeries(stroke: string, lane: number): uPlot.Series {
  return { stroke, width: 2, ...(lane === 1 && { dash: [6, 4] }), points: { show: false } };
}

function barSeries(stroke: string, lane: number, laneCount: number): uPlot.Series {
  const isSingle = laneCount === 1;
  const align = isSingle ? 0 : lane === 0 ? -1 : 1;
  const paths = uPlot.paths.bars!({ size: [isSingle ? 0.7 : 0.4, 28], align });
  return {
    stroke,
    fill: lane === 1 ? `color-mix(in srgb, ${stroke} 45%, transparent)` : stroke,
    width: 1,
    paths,
    points: { show: false },
  };
}
