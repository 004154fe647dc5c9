/** A chart of one number over the forwards of each lane, with marks where the playback is. A click seeks. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { usePalette } from "../app/usePalette.ts";
import { aligned, type Lane, laneNames, nearest } from "../run/index.ts";
import { type ChartKind, chartColors, chartHeight, chartOptions } from "./chartOptions.ts";
import { placeMarks } from "./marks.ts";

interface ForwardChartProps {
  readonly title: string;
  readonly kind: ChartKind;
  /** What the chart shows, in words. */
  readonly description: string;
  /** By lane, the number of each forward from 0 on. */
  readonly lanes: readonly (readonly number[])[];
  /** By lane, the forward that the playback shows. */
  readonly shown: readonly number[];
  readonly onSeek: (forward: number, lane: Lane) => void;
}

export function ForwardChart({ title, kind, description, lanes, shown, onSeek }: ForwardChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const latest = useRef({ lanes, shown, onSeek });
  latest.current = { lanes, shown, onSeek };
  const [pointed, setPointed] = useState<number>();
  const palette = usePalette();
  const laneCount = lanes.length;

  useLayoutEffect(() => {
    const element = holder.current!;
    const hooks: uPlot.Hooks.Arrays = {
      draw: [(drawn) => placeMarks(drawn, latest.current.shown)],
      setCursor: [({ cursor }) => setPointed(cursor.idx ?? undefined)],
      ready: [
        (ready) => {
          ready.over.addEventListener("click", () => {
            const forward = ready.cursor.idx;
            if (forward == null) return;
            const at = latest.current.lanes.map((numbers) => numbers[forward]);
            const lane = nearest(at, ready.posToVal(ready.cursor.top ?? 0, "y"));
            if (lane !== undefined) latest.current.onSeek(forward, lane as Lane);
          });
        },
      ],
    };
    const width = element.clientWidth;
    const options = chartOptions({ kind, laneCount, width, colors: chartColors(element), hooks });
    const made = new uPlot(options, aligned(latest.current.lanes), element);
    chart.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: chartHeight }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
    // The palette stands for the colour scheme.
  }, [kind, laneCount, palette]);

  useEffect(() => chart.current?.setData(aligned(lanes)), [lanes]);
  useEffect(() => {
    if (chart.current) placeMarks(chart.current, shown);
  }, [shown.join()]);

  return (
    <figure class="chart">
      <figcaption>
        <b>{title}</b>
        <span class="chart-value">{valuesAt(lanes, pointed, shown)}</span>
      </figcaption>
      <div class="chart-holder" ref={holder} role="img" aria-label={description} />
    </figure>
  );
}

/** The numbers under the pointer, else those where the playback is. */
function valuesAt(
  lanes: readonly (readonly number[])[],
  pointed: number | undefined,
  shown: readonly number[],
): string {
  const texts = lanes.map((numbers, lane) => {
    const value = numbers[pointed ?? shown[lane] ?? 0];
    const name = lanes.length > 1 ? `${laneNames[lane]} ` : "";
    return `${name}${value ?? "–"}`;
  });
  const isCommon = pointed !== undefined || new Set(shown).size === 1;
  return `${isCommon ? `forward ${pointed ?? shown[0]}: ` : ""}${texts.join(" · ")}`;
}
