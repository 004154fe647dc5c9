/** Plots accuracy over tokens per forward pass, or over time, as SVG. The plotting packages are optional dependencies. */
import type { SummaryRow } from "./summary.ts";

/** What a plot has on its x axis. */
export type PlotAxis = "tokensPerForward" | "decodeMs";

/** Draws a summary as SVG; the default axis is tokens per forward. */
export type Plotter = (rows: readonly SummaryRow[], axis?: PlotAxis) => string;

const axisLabels: Readonly<Record<PlotAxis, string>> = {
  tokensPerForward: "tokens per forward (log)",
  decodeMs: "milliseconds of decoding per task (log)",
};

/** Loads the plotting packages. Returns the plotter, or the reason why they cannot be loaded. */
export async function loadPlotter(): Promise<Plotter | string> {
  try {
    const [Plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
    return (rows, axis = "tokensPerForward") => plot(rows, axis, { Plot, parseHTML });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isMissing = "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    const packages = "@observablehq/plot and linkedom";
    if (!isMissing) return `${packages} cannot be loaded (${error.message})`;
    return `${packages} are not installed: run \`npm install @observablehq/plot linkedom\``;
  }
}

interface Library {
  readonly Plot: typeof import("@observablehq/plot");
  readonly parseHTML: typeof import("linkedom").parseHTML;
}

function plot(rows: readonly SummaryRow[], axis: PlotAxis, { Plot, parseHTML }: Library): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const points = rows.map((row) => {
    const { configuration, accuracy } = row;
    return {
      configuration,
      accuracy: 100 * accuracy.value,
      low: 100 * accuracy.low,
      high: 100 * accuracy.high,
      x: row[axis].value,
    };
  });
  const svg = Plot.plot({
    document,
    width: 900,
    height: 520,
    marginLeft: 56,
    marginRight: 200,
    marginBottom: 44,
    grid: true,
    x: { label: axisLabels[axis], type: "log", tickFormat: (value: number) => String(value) },
    y: { label: "accuracy, % (95 % interval)" },
    marks: [
      Plot.ruleX(points, { x: "x", y1: "low", y2: "high", stroke: "#999" }),
      Plot.dot(points, { x: "x", y: "accuracy", fill: "#3366cc", r: 4 }),
      Plot.text(labels(points), { x: "x", y: "y", text: "text", dx: 8, textAnchor: "start", fontSize: 10 }),
    ],
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${svg.outerHTML}\n`;
}

interface Point {
  readonly configuration: string;
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
  readonly x: number;
}

/** A label beside each point, moved down where labels would overlap. */
function labels(
  points: readonly Point[],
): readonly { readonly x: number; readonly y: number; readonly text: string }[] {
  const span = Math.max(...points.map(({ high }) => high)) - Math.min(...points.map(({ low }) => low));
  const gap = span / 36;
  const placed: { x: number; y: number; text: string }[] = [];
  for (const { configuration, accuracy, x } of [...points].sort((a, b) => b.accuracy - a.accuracy)) {
    let y = accuracy;
    // Labels are wide: points within a factor of four on the x axis may overlap.
    const near = placed.filter((other) => Math.abs(Math.log(other.x / x)) < Math.log(4));
    for (const other of near) if (Math.abs(other.y - y) < gap) y = other.y - gap;
    placed.push({ x, y, text: configuration });
  }
  return placed;
}
