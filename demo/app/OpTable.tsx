/** Time by op of each run that has ended: where the time of a forward goes, and what a strategy saves. */
import { engineState } from "../engine/engineState.ts";
import { runs } from "../engine/runState.ts";
import { laneNames, type OpRow, opRows } from "../run/index.ts";
import { laneSeries } from "./laneSeries.ts";

export function OpTable() {
  const ended = runs.value.flatMap(({ opTimes, recording }, lane) =>
    opTimes && recording.done
      ? [{ lane, times: opTimes, elapsedMs: laneSeries.value[lane]?.elapsedMs.at(-1) ?? 0 }]
      : [],
  );
  if (ended.length === 0) return null;
  const isMeasured = ended.every(({ times }) => times.length > 0);
  return (
    <section class="card" aria-label="Time by op">
      <h2>Time by op</h2>
      {isMeasured ? (
        <>
          <Rows rows={opRows(ended)} lanes={ended.map(({ lane }) => lane)} />
          <p class="help">
            Totals of whole runs, with the passes that encode the prompt. Browsers round their clocks, Chrome
            to 0.1 ms, so the times of short ops are rough.
          </p>
        </>
      ) : (
        <p class="help">{whyNotMeasured()}</p>
      )}
    </section>
  );
}

interface RowsProps {
  readonly rows: readonly OpRow[];
  readonly lanes: readonly number[];
}

function Rows({ rows, lanes }: RowsProps) {
  const longest = Math.max(...rows.flatMap(({ ms }) => ms.map((each) => each ?? 0)));
  const isPair = runs.value.length > 1;
  return (
    <table class="ops">
      <thead>
        <tr>
          <th scope="col">op</th>
          {lanes.map((lane) => (
            <th key={lane} scope="col">
              {isPair ? `${laneNames[lane]}, ms` : "ms"}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ op, ms }) => (
          <tr key={op ?? ""}>
            <th scope="row" class={op ? undefined : "rest"}>
              {op ?? "outside of ops"}
            </th>
            {ms.map((each, index) => (
              <td key={lanes[index]} data-lane={laneNames[lanes[index]!]}>
                <div class="op-cell">
                  <span class="op-ms">{each === undefined ? "–" : each.toFixed(1)}</span>
                  <span class="op-room">
                    <span class="op-bar" style={{ width: `${(100 * (each ?? 0)) / longest}%` }} />
                  </span>
                </div>
              </td>
            ))}
          </tr>
        ))}
        <tr class="total">
          <th scope="row">all passes</th>
          {lanes.map((lane, index) => (
            <td key={lane}>
              <span class="op-ms">{sumOf(rows, index).toFixed(1)}</span>
            </td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}

function sumOf(rows: readonly OpRow[], index: number): number {
  return rows.reduce((sum, { ms }) => sum + (ms[index] ?? 0), 0);
}

function whyNotMeasured(): string {
  const state = engineState.value;
  return state.phase === "ready" && state.choice.profile
    ? "Not measured: this GPU has no timestamp queries."
    : "Not measured, as timing each op slows a GPU down. Turn on “Time each op on a GPU” under Model, and run again.";
}
