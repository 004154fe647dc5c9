/** The report of `--profile`: the time of every op on the device, and the bandwidth by the cost model. */
import type { Engine, GenerateEvent, GenerateRequest } from "../core/index.ts";
import { costOf, countsOf, totalCost } from "../core/tensor/index.ts";
import { table } from "./format.ts";

export class Profile {
  readonly #engine: Engine;
  readonly #spanCount: number;
  #length = 0;
  #passCount = 0;
  #bytes = 0;

  /** With guidance, each pass computes its window twice. */
  constructor(engine: Engine, { cfgScale = 0 }: Pick<GenerateRequest, "cfgScale">) {
    this.#engine = engine;
    this.#spanCount = cfgScale > 0 ? 2 : 1;
  }

  add(event: GenerateEvent): void {
    if (event.type === "start") this.#length = event.canvas.length;
    if (event.type !== "step") return;
    this.#passCount++;
    const { window, openCount, prefill } = event;
    const { maskBlock } = this.#engine.model;
    const span = { ...window, slot: 0, visible: this.#length, maskBlock, origin: 0 };
    const { plans, capacity } = this.#engine.sizes;
    const spans = Array.from({ length: this.#spanCount }, () => span);
    const counts = countsOf(spans, prefill ? 0 : openCount, capacity.positions);
    for (const plan of [plans.body, plans.head]) this.#bytes += totalCost(costOf(plan, counts)).bytes;
  }

  /** The report as lines, or the reason for its absence. */
  text(): string {
    const { times, device } = this.#engine;
    if (times.length === 0) return `${device} has no timestamp queries: no times were measured`;
    const ms = times.reduce((sum, time) => sum + time.ms, 0);
    const dispatches = times.reduce((sum, time) => sum + time.dispatches, 0);
    const rows = times.map((time) => [
      time.op,
      `${time.dispatches}`,
      time.ms.toFixed(2),
      `${((100 * time.ms) / ms).toFixed(1)} %`,
    ]);
    const passes = Math.max(1, this.#passCount);
    return [
      table([["op", "dispatches", "ms", "share"], ...rows], [1, 2, 3]),
      `${this.#passCount} passes on ${device}: ${(dispatches / passes).toFixed(1)} dispatches and ${(ms / passes).toFixed(2)} ms per pass`,
      `${(this.#bytes / 1e6 / ms).toPrecision(3)} GB/s by the cost model's bytes (see \`unmask explain\`)`,
    ].join("\n");
  }
}
