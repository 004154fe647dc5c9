/** The charts of all lanes, and their numbers as a table. Loaded when there is something to draw, with the chart library. */
import "uplot/dist/uPlot.min.css";
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { forwardSeries, laneSeries } from "../app/laneSeries.ts";
import { frameIndexes, showFrame } from "../app/playbackState.ts";
import { aligned, type Lane, laneNames } from "../run/index.ts";
import { describeCommits, describeMasks } from "./describe.ts";
import { ForwardChart } from "./ForwardChart.tsx";

export function LaneCharts() {
  const lanes = forwardSeries.value;
  // The same arrays while nothing grows: a chart draws its lines anew for others only.
  const masksLeft = useMemo(() => lanes.map((lane) => lane.masksLeft), [lanes]);
  const commits = useMemo(() => lanes.map((lane) => lane.commits), [lanes]);
  const shown = frameIndexes.value.map((frame, lane) => laneSeries.value[lane]?.forwards[frame] ?? 0);
  const seek = (forward: number, lane: Lane) => showFrame(lanes[lane]?.frames[forward] ?? 0, lane);
  return (
    <>
      <div class="charts">
        <ForwardChart
          title="Masks left by forward"
          kind="line"
          description={`Masks left by forward. ${describeMasks(lanes)}`}
          lanes={masksLeft}
          shown={shown}
          onSeek={seek}
        />
        <ForwardChart
          title="Commits a forward"
          kind="bars"
          description={`Commits of each forward. ${describeCommits(lanes)}`}
          lanes={commits}
          shown={shown}
          onSeek={seek}
        />
      </div>
      <NumbersTable />
    </>
  );
}

/** The same numbers as text. The rows exist while the table is open. */
function NumbersTable() {
  const isOpen = useSignal(false);
  const lanes = forwardSeries.value;
  const nameOf = (lane: number) => (lanes.length > 1 ? `, ${laneNames[lane]}` : "");
  const [forwards, ...masks] = aligned(lanes.map(({ masksLeft }) => masksLeft));
  return (
    <details
      class="chart-table"
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>The numbers as a table</summary>
      {isOpen.value && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must do so with the keyboard, too
        <section class="table-room" aria-label="Numbers by forward" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">forward</th>
                {lanes.map((_, lane) => [
                  <th key={`m${lane}`} scope="col">{`masks left${nameOf(lane)}`}</th>,
                  <th key={`c${lane}`} scope="col">{`commits${nameOf(lane)}`}</th>,
                ])}
              </tr>
            </thead>
            <tbody>
              {forwards.map((forward) => (
                <tr key={forward}>
                  <th scope="row">{forward}</th>
                  {lanes.map(({ commits }, lane) => [
                    <td key={`m${lane}`}>{masks[lane]?.[forward] ?? ""}</td>,
                    <td key={`c${lane}`}>{commits[forward] ?? ""}</td>,
                  ])}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}
