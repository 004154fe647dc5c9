/** Metrics that are read of the engines, and of the process, when somebody asks for them. */
import process from "node:process";
import { Counter, Gauge, type Registry } from "prom-client";
import type { EngineStatus } from "../core/index.ts";
import type { Fleet } from "./fleet.ts";

type Reading = (status: EngineStatus) => number;

/** What goes up and down. */
const gauges: Readonly<Record<string, readonly [help: string, read: Reading]>> = {
  waiting_requests: ["Generations without a place in the K/V pool", ({ waiting }) => waiting],
  active_requests: ["Generations with a place in the K/V pool", ({ active }) => active],
  kv_used_positions: ["Positions of the K/V pool that are taken", ({ usedPositions }) => usedPositions],
};

/** What only grows. */
const counters: typeof gauges = {
  passes_total: ["Model passes", ({ passes }) => passes],
  batch_rows_total: ["Sequences in all passes together: by pass, the batch's occupancy", ({ rows }) => rows],
  pass_seconds_total: ["Time of all passes", ({ passMs }) => passMs / 1000],
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
      ...{ name: `unmask_${name}`, help, labelNames: ["model"] as const, registers: [registry] },
    });
    this.#memory = new Gauge({
      ...{ name: "process_resident_memory_bytes", help: "Memory of the process, models included" },
      registers: [registry],
    });
    this.#up = new Gauge(options("engine_up", "1 while the engine answers, 0 once it is lost for good"));
    this.#positions = new Gauge(options("kv_positions", "Positions of the K/V pool"));
    this.#gauges = Object.entries(gauges).map(([name, [help, read]]) => [
      new Gauge(options(name, help)),
      read,
    ]);
    this.#counters = Object.entries(counters).map(([name, [help, read]]) => [
      new Counter(options(name, help)),
      read,
    ]);
  }

  /** Reads the engines. What a lost one last said of itself stays. */
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
