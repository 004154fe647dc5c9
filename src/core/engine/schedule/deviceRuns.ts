/** Submissions under way on a device that decides by itself. */
import { DiffusionError } from "../../error.ts";
import type { DeviceLoop, DeviceReport, DeviceTicket } from "../../tensor/index.ts";
import type { CountPasses, Row } from "./planPass.ts";
import type { BatchCost } from "./schedule.ts";
import { countPasses, deviceRow, expectedSteps, maxTokensOf } from "./submission.ts";

interface UnderWay {
  readonly ticket: DeviceTicket;
  readonly rows: ReadonlySet<Row>;
  readonly passes: number;
}

export class DeviceRuns {
  readonly #loop: DeviceLoop;
  readonly #maxPasses: number;
  readonly #count: CountPasses;
  /** Oldest first. */
  #underWay: readonly UnderWay[] = [];
  /** Rows that made fewer passes than their last submission had: only the host knows how these go on. */
  readonly #resting = new WeakSet<Row>();
  #reportedAt = 0;

  constructor(loop: DeviceLoop, maxPasses: number, count: CountPasses) {
    this.#loop = loop;
    this.#maxPasses = Math.min(maxPasses, loop.maxPasses);
    this.#count = count;
  }

  get isIdle(): boolean {
    return this.#underWay.length === 0;
  }

  /** Whether another submission may be started. */
  get hasRoom(): boolean {
    return this.#underWay.length < this.#loop.maxSubmissions;
  }

  holds(row: Row): boolean {
    return this.#underWay.some(({ rows }) => rows.has(row));
  }

  /** Whether a row is expected to have something to do behind the submissions under way. */
  wants(row: Row): boolean {
    if (this.#resting.has(row) && this.holds(row)) return false;
    return expectedSteps(row, this.#passesUnderWay(row), this.#loop) > 0;
  }

  /** What the row takes of a submission. */
  costOf(row: Row): BatchCost {
    const steps = this.#passesUnderWay(row) + this.#maxPasses;
    return { tokens: maxTokensOf(row, steps, this.#loop), spans: row.slots.length, prefill: false };
  }

  async submit(rows: readonly Row[]): Promise<void> {
    const expected = rows.map((row) => expectedSteps(row, this.#passesUnderWay(row), this.#loop));
    const passes = countPasses(expected, this.#maxPasses);
    const deviceRows = rows.map((row) => deviceRow(row, passes, this.#passesUnderWay(row), this.#loop));
    for (const row of rows) this.#resting.delete(row);
    if (this.isIdle) this.#reportedAt = performance.now();
    const ticket = await this.#loop.submit({ passes, rows: deviceRows });
    this.#underWay = [...this.#underWay, { ticket, rows: new Set(rows), passes }];
  }

  /** Takes the oldest submission's report, and replays it in the tasks. */
  async report(): Promise<readonly Row[]> {
    const [oldest, ...others] = this.#underWay;
    if (!oldest) return [];
    const { ticket, rows, passes } = oldest;
    const reports = await this.#loop.report(ticket);
    this.#underWay = others;
    const now = performance.now();
    const ms = now - this.#reportedAt;
    this.#reportedAt = now;
    this.#count(
      passes,
      reports.reduce((sum, { steps }) => sum + steps.length, 0),
      ms,
    );
    const served = [...rows];
    served.forEach((row, index) => {
      const report = reports[index]!;
      if (report.steps.length < passes) this.#resting.add(row);
      replay(row, report, ms / passes);
    });
    return served;
  }

  #passesUnderWay(row: Row): number {
    let passes = 0;
    for (const each of this.#underWay) if (each.rows.has(row)) passes += each.passes;
    return passes;
  }
}

/** Lets a task report what its row did. A task that ended before, by a stop string or its caller, is left alone. */
function replay({ task }: Row, { steps, invalid }: DeviceReport, ms: number): void {
  try {
    for (const step of steps) {
      if (task.ended) return;
      task.report(task.sequence.applyDeviceResult(step), ms);
    }
    if (invalid === undefined || task.ended) return;
    const message = `Cannot decode position ${invalid} as the model computed no finite logits for it`;
    throw new DiffusionError("numeric", message);
  } catch (error) {
    task.fail(error);
  }
}
