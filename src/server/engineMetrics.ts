/** Metrics that are read from the engines and the process at each scrape. */
import process from "node:process";
import { Counter, Gauge, type Registry } from "prom-client";
import type { EngineStatus } from "../core/index.ts";
import type { Fleet } from "./fleet.ts";

type Reading = (status: EngineStatus) => number;

/** Values that rise and fall. */
const gauges: Readonly<Record<string, readonly [help: string, read: Reading]>> = {
  waiting_requests: ["Generations that wait for a slot in the K/V pool", ({ waiting }) => waiting],
  active_requests: ["Generations that hold a slot in the K/V pool", ({ active }) => active],
  kv_used_positions: ["Positions of the K/V pool in use", ({ usedPositions }) => usedPositions],
};

/** Values that only grow. */
const counters: typeof gauges = {
  passes_total: ["Forward passes", ({ passes }) => passes],
  batch_rows_total: [
    "Sequences summed over all forward passes; divided by passes_total, the mean batch size",
    ({ rows }) => rows,
  ],
  pass_seconds_total: ["Total time of all forward passes", ({ passMs }) => passMs / 1000],
};

export class EngineMetrics {
  readonly #fleet: Fleet;
  readonly #memory: Gauge;
  readonly #up: Gauge<"model">;
  readonly #positions: Gauge<"model">;
  readonly #gauges: readonly (readonly [Gauge<"model">, Reading])[];
  readonly #counters: readonly (readonly [Counter<"model">, Reading])[];

  constructor(fleet: Fleet, registry: Registry) {
    this.#fleet = fleet;
    const options = (name: string, help: string) => ({
      name: `unmask_${name}`,
      help,
      labelNames: ["model"] as const,
      registers: [registry],
    });
    this.#memory = new Gauge({
      name: "process_resident_memory_bytes",
      help: "Resident memory of the process, including the models",
      registers: [registry],
    });
    this.#up = new Gauge(options("engine_up", "1 while the engine is available, 0 once it is lost"));
    this.#positions = new Gauge(options("kv_positions", "Size of the K/V pool in positions"));
    this.#gauges = Object.entries(gauges).map(([name, [help, read]]) => [
      new Gauge(options(name, help)),
      read,
    ]);
    this.#counters = Object.entries(counters).map(([name, [help, read]]) => [
      new Counter(options(name, help)),
      read,
    ]);
  }

  /** Updates the metrics from the engines. A lost engine keeps its last values. */
  async read(): Promise<void> {
    this.#memory.set(process.memoryUsage().rss);
    const { engines } = this.#fleet;
    await Promise.all([...engines.keys()].map((model) => this.#readOne(model)));
  }

  async #readOne(model: string): Promise<void> {
    const engine = this.#fleet.engines.get(model)!;
    const labels = { model };
    this.#positions.set(labels, engine.info.cachePositions);
    const status = await engine.status().catch(() => undefined);
    this.#up.set(labels, this.#fleet.lossOf(model) ? 0 : 1);
    if (!status) return;
    for (const [gauge, read] of this.#gauges) gauge.set(labels, read(status));
    for (const [counter, read] of this.#counters) {
      counter.remove(labels);
      counter.inc(labels, read(status));
    }
  }
}
