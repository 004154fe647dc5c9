/**
 * Runs the sequences of an engine: each pass holds a span of every sequence that fits, oldest first, so requests
 * join and leave between passes. One backend, one pass at a time. Where its device is lost, the sequences start over
 * on another one: what they decide depends on nothing but their requests.
 */
import { changeOf } from "../diffusion/index.ts";
import { DiffusionError } from "../error.ts";
import type { Backend, RowStatistics, SlotChange, SlotId } from "../tensor/index.ts";
import type { EngineStatus } from "./handle.ts";
import { type LoopOptions, whyNotOnDevice } from "./loop.ts";
import { type PassLimits, type PlannedRow, planPass, type Row } from "./planPass.ts";
import type { RenewableBackend } from "./renewableBackend.ts";
import { Slots } from "./slots.ts";
import { outcomesOf, planSubmission } from "./submission.ts";
import type { Task } from "./task.ts";

export interface SchedulerLimits {
  /** Positions of the K/V pool. */
  readonly positions: number;
  /** Tokens that one pass may hold. */
  readonly tokens: number;
}

export class Scheduler {
  readonly #backend: RenewableBackend;
  readonly #limits: SchedulerLimits;
  readonly #options: LoopOptions;
  #slots: Slots;
  #waiting: readonly Task[] = [];
  #active: readonly Row[] = [];
  #running: Promise<void> | undefined;
  #failure: DiffusionError | undefined;
  #done = { passes: 0, rows: 0, passMs: 0 };
  /** Whoever holds the backend: passes and direct uses take turns. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(backend: RenewableBackend, limits: SchedulerLimits, options: LoopOptions) {
    this.#backend = backend;
    this.#limits = limits;
    this.#options = options;
    this.#slots = new Slots(backend.current, limits.positions);
  }

  /**
   * Queues a task. Its events say what becomes of it.
   * @throws DiffusionError `out-of-memory` if it can never fit, `disposed` after `stop`, `device-lost` if
   *   there is no device any more, `unsupported` if the device is to decide and cannot
   */
  add(task: Task): void {
    if (this.#failure) throw this.#failure;
    const length = positionsOf(task);
    const most = Math.min(this.#limits.positions, this.#limits.tokens);
    if (length > most) {
      const message = `Cannot run the request as its ${length} positions exceed the ${most} that the engine was loaded with`;
      throw new DiffusionError("out-of-memory", message);
    }
    this.#decidesOnDevice(task);
    this.#waiting = [...this.#waiting, task];
    this.#running ??= this.#run();
  }

  get status(): EngineStatus {
    return {
      waiting: this.#waiting.length,
      active: this.#active.length,
      usedPositions: this.#limits.positions - this.#slots.free,
      ...this.#done,
    };
  }

  #count(passes: number, rows: number, ms: number): void {
    const { passes: before, rows: rowsBefore, passMs } = this.#done;
    this.#done = { passes: before + passes, rows: rowsBefore + passes * rows, passMs: passMs + ms };
  }

  /** Runs `use` while no pass is running, with a slot of its own; once more if the device is lost meanwhile. */
  borrow<T>(length: number, use: (backend: Backend, slot: SlotId) => Promise<T>): Promise<T> {
    return this.#exclusively(async () => {
      const place = await this.#slots.open([length]);
      if (place === undefined) {
        const { positions } = this.#limits;
        const message = `Cannot reserve ${length} positions as the pool has ${this.#slots.free} of ${positions} free`;
        throw new DiffusionError("out-of-memory", message);
      }
      try {
        const result = await use(this.#backend.current, place.slots[0]!);
        this.#backend.prove();
        return result;
      } finally {
        await this.#slots.close(place);
      }
    });
  }

  /** Fails whatever waits or runs, and resolves once nothing runs any more. */
  async stop(reason: DiffusionError): Promise<void> {
    this.#failure ??= reason;
    this.#backend.stop();
    await this.#running;
    await this.#turn.catch(() => {});
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length + this.#active.length > 0) {
        await this.#exclusively(() => this.#pass());
      }
    } catch (error) {
      // The backend or the scheduler itself failed: nobody's sequence can be trusted to go on.
      for (const task of [...this.#waiting, ...this.#active.map((row) => row.task)]) task.fail(error);
      this.#waiting = [];
      await this.#leave(this.#active).catch(() => {});
    } finally {
      this.#running = undefined;
    }
  }

  async #pass(): Promise<void> {
    await this.#leave(this.#active.filter(({ task }) => task.abandoned));
    await this.#admit();
    const oldest = this.#active[0];
    if (!oldest) return;
    // Host and device decide in turn: who waited longest says whose turn it is.
    const rows = this.#active.filter(({ onDevice }) => onDevice === oldest.onDevice);
    const served = oldest.onDevice ? await this.#submitSteps(rows) : await this.#submitPass(rows);
    if (served.some(({ task }) => !task.retelling)) this.#backend.prove();
    // Those that were served go behind those that had to wait.
    const done = new Set(served.map(({ task }) => task));
    const waited = this.#active.filter(({ task }) => !done.has(task));
    if (waited.length > 0) this.#active = [...waited, ...this.#active.filter(({ task }) => done.has(task))];
  }

  get #passLimits(): PassLimits {
    return { tokens: this.#limits.tokens, spans: this.#backend.current.limits.maximumSpans };
  }

  /** One pass, decided on the host. */
  async #submitPass(active: readonly Row[]): Promise<readonly Row[]> {
    const planned = planPass(active, this.#passLimits);
    const before = performance.now();
    const statistics = await this.#backend.current.submit(planned);
    await this.#apply(planned.rows, statistics, before);
    return planned.rows;
  }

  /** Some steps, decided on the device. */
  async #submitSteps(active: readonly Row[]): Promise<readonly Row[]> {
    const loop = this.#backend.current.loop!;
    const { rows, steps, deviceRows } = planSubmission(
      active,
      this.#passLimits,
      Math.min(this.#options.steps ?? loop.mostSteps, loop.mostSteps),
    );
    const before = performance.now();
    const reports = await loop.run(steps, deviceRows);
    const allMs = performance.now() - before;
    this.#count(steps.length, rows.length, allMs);
    const ms = allMs / steps.length;
    const gone = rows.filter((row, index) => {
      try {
        for (const outcome of outcomesOf(row, reports[index]!)) if (row.task.report(outcome, ms)) return true;
        return false;
      } catch (error) {
        row.task.fail(error);
        return true;
      }
    });
    await this.#leave(gone);
    return rows;
  }

  /** Whether a task's decoder runs on the device. @throws DiffusionError `unsupported` if it must and cannot */
  #decidesOnDevice(task: Task): boolean {
    const { where } = this.#options;
    if (where === "host") return false;
    const reason = whyNotOnDevice(task, this.#backend.current.loop);
    if (reason === undefined || where === "auto") return reason === undefined;
    throw new DiffusionError("unsupported", `Cannot decide on the device as ${reason}`);
  }

  /** Gives the waiting tasks their slots, first come first served, while there is room. */
  async #admit(): Promise<void> {
    this.#waiting = this.#waiting.filter((task) => !task.abandoned);
    for (let task = this.#waiting[0]; task; task = this.#waiting[0]) {
      const contents = [Array.from(task.sequence.tokens), ...(task.guidance ? [task.guidance.tokens] : [])];
      const place = await this.#slots.open(contents.map((tokens) => tokens.length));
      if (!place) return;
      const row = { ...place, task, onDevice: this.#decidesOnDevice(task) };
      const positions = [...contents[0]!.keys()];
      await this.#backend.current.commit(
        row.slots.map((slot, index) => ({ slot, positions, tokens: contents[index]! })),
      );
      this.#active = [...this.#active, row];
      this.#waiting = this.#waiting.filter((other) => other !== task);
      if (task.start()) await this.#leave([row]);
    }
  }

  async #apply(
    rows: readonly PlannedRow[],
    statistics: readonly RowStatistics[],
    before: number,
  ): Promise<void> {
    const changes: SlotChange[] = [];
    const gone: Row[] = [];
    const outcomes = rows.map((row) => {
      try {
        const outcome = row.task.sequence.apply(
          row.request === undefined ? undefined : statistics[row.request],
        );
        for (const slot of row.slots) changes.push(changeOf(outcome, slot, row.request));
        return outcome;
      } catch (error) {
        // The model's numbers or a user's decoder failed one sequence; the others go on.
        row.task.fail(error);
        gone.push(row);
        return undefined;
      }
    });
    await this.#backend.current.commit(changes);
    const ms = performance.now() - before;
    this.#count(1, rows.length, ms);
    rows.forEach((row, index) => {
      const outcome = outcomes[index];
      if (outcome && row.task.report(outcome, ms)) gone.push(row);
    });
    await this.#leave(gone);
  }

  async #leave(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    const leaving = new Set(rows.map(({ task }) => task));
    this.#active = this.#active.filter(({ task }) => !leaving.has(task));
    for (const row of rows) await this.#slots.close(row);
  }

  /** Runs `use` when its turn comes, on a device that is there; again if that is lost meanwhile. */
  #exclusively<T>(use: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(async () => {
      for (;;) {
        if (this.#failure) throw this.#failure;
        if (this.#backend.lost) await this.#recover();
        try {
          return await use();
        } catch (error) {
          if (!this.#backend.isLoss(error)) throw error;
        }
      }
    });
    this.#turn = result.catch(() => {});
    return result;
  }

  /** Another device, on which everything that has started starts over, before what waits. */
  async #recover(): Promise<void> {
    const renewal = await this.#backend.renew().catch((error: DiffusionError) => {
      this.#failure ??= error;
      throw this.#failure;
    });
    this.#slots = new Slots(this.#backend.current, this.#limits.positions);
    this.#waiting = [...this.#active.map(({ task }) => task), ...this.#waiting];
    this.#active = [];
    for (const task of this.#waiting) task.restart({ type: "recovered", ...renewal });
  }
}

/** What a task takes of the pool, and at most of a pass. */
function positionsOf({ sequence, guidance }: Task): number {
  return sequence.length * (guidance ? 2 : 1);
}
