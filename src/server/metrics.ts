/** The Prometheus metrics of `/metrics`. Each server has its own registry. */
import { Counter, Histogram, Registry } from "prom-client";
import { DiffusionError, type GenerateEvent } from "../core/index.ts";
import { EngineMetrics } from "./engineMetrics.ts";
import type { Fleet, FleetListener } from "./fleet.ts";
import type { ObservedRequest, RequestOutcome, ServerObserver } from "./observer.ts";

const requestBuckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300];
const stepBuckets = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];
const forwardBuckets = [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 32];
const rateBuckets = [3, 10, 30, 100, 300, 1000, 3000, 10000];

export class Metrics implements FleetListener, ServerObserver {
  readonly #registry = new Registry();
  readonly #engines: EngineMetrics;
  readonly #requests = this.#counter("http_requests_total", "Finished requests", ["endpoint", "status"]);
  readonly #seconds = this.#histogram(
    "http_request_seconds",
    "Time from a request's arrival to the end of its response",
    ["endpoint"],
    requestBuckets,
  );
  readonly #firstToken = this.#histogram(
    "first_token_seconds",
    "Time from a request's arrival to its first final token",
    ["endpoint"],
    requestBuckets,
  );
  readonly #errors = this.#counter("errors_total", "Failed generations by error code", ["model", "code"]);
  readonly #recoveries = this.#counter(
    "recoveries_total",
    "Generations that were restarted after a device loss",
    ["model"],
  );
  readonly #tokens = this.#counter("tokens_total", "Prompt and completion tokens of successful generations", [
    "model",
    "kind",
  ]);
  readonly #queue = this.#histogram(
    "queue_seconds",
    "Time that a generation waited for a slot in the K/V pool",
    ["model"],
    requestBuckets,
  );
  readonly #steps = this.#histogram(
    "step_seconds",
    "Time of a decode step: forward pass and decoder, counted once per generation in the batch",
    ["model"],
    stepBuckets,
  );
  readonly #perForward = this.#histogram(
    "tokens_per_forward",
    "Completion tokens per forward pass of a generation",
    ["model"],
    forwardBuckets,
  );
  readonly #perSecond = this.#histogram(
    "tokens_per_second",
    "Completion tokens per second of decoding of a generation",
    ["model"],
    rateBuckets,
  );

  constructor(fleet: Fleet) {
    this.#engines = new EngineMetrics(fleet, this.#registry);
    fleet.listen(this);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics in the text format of Prometheus. */
  async text(): Promise<string> {
    await this.#engines.read();
    return this.#registry.metrics();
  }

  onEnd({ endpoint }: ObservedRequest, { status, totalMs, firstTokenMs }: RequestOutcome): void {
    this.#requests.inc({ endpoint, status });
    this.#seconds.observe({ endpoint }, totalMs / 1000);
    if (firstTokenMs !== undefined) this.#firstToken.observe({ endpoint }, firstTokenMs / 1000);
  }

  onEvent(model: string, event: GenerateEvent): void {
    if (event.type === "start") this.#queue.observe({ model }, event.queuedMs / 1000);
    if (event.type === "step") this.#steps.observe({ model }, event.ms / 1000);
    if (event.type === "recovered") this.#recoveries.inc({ model });
    if (event.type !== "done") return;
    const { usage } = event;
    this.#tokens.inc({ model, kind: "prompt" }, usage.promptTokens);
    this.#tokens.inc({ model, kind: "completion" }, usage.completionTokens);
    this.#perForward.observe({ model }, usage.tokensPerForward);
    this.#perSecond.observe({ model }, usage.tokensPerSecond);
  }

  onError(model: string, error: unknown): void {
    this.#errors.inc({ model, code: error instanceof DiffusionError ? error.code : "internal" });
  }

  #counter<const L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name: `unmask_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #histogram<const L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: number[],
  ): Histogram<L> {
    return new Histogram({ name: `unmask_${name}`, help, labelNames, buckets, registers: [this.#registry] });
  }
}
