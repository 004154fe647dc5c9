/**
 * Runs the sequences of an engine: each pass holds a span of every sequence that fits, oldest first, so requests
 * join and leave between passes. One backend, one pass at a time.
 */
import { changeOf, type SequencePass } from "../diffusion/index.ts";
import { DiffusionError } from "../error.ts";
import type { Backend, HeadRequest, RowStatistics, SlotChange, SlotId, Span } from "../tensor/index.ts";
import { PositionPool } from "./positionPool.ts";
import type { Task } from "./task.ts";

interface Row {
  readonly task: Task;
  /** The sequence's, and with guidance the one without its prompt. */
  readonly slots: readonly SlotId[];
  readonly base: number;
}
interface PlannedRow extends Row {
  readonly pass: SequencePass;
  /** Index of its head request, if it has one. */
  readonly request: number | undefined;
}

export interface SchedulerLimits {
  /** Positions of the K/V pool. */
  readonly positions: number;
  /** Tokens that one pass may hold. */
  readonly tokens: number;
}

export class Scheduler {
  readonly #backend: Backend;
  readonly #limits: SchedulerLimits;
  readonly #pool: PositionPool;
  #waiting: readonly Task[] = [];
  #active: readonly Row[] = [];
  #nextSlot = 1;
  #running: Promise<void> | undefined;
  #failure: DiffusionError | undefined;
  /** Whoever holds the backend: passes and direct uses take turns. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(backend: Backend, limits: SchedulerLimits) {
    this.#backend = backend;
    this.#limits = limits;
    this.#pool = new PositionPool(limits.positions);
  }

  /**
   * Queues a task. Its events say what becomes of it.
   * @throws DiffusionError `out-of-memory` if it can never fit, `disposed` after `stop`
   */
  add(task: Task): void {
    if (this.#failure) throw this.#failure;
    const length = positionsOf(task);
    const most = Math.min(this.#pool.capacity, this.#limits.tokens);
    if (length > most) {
      const message = `Cannot run the request as its ${length} positions exceed the ${most} that the engine was loaded with`;
      throw new DiffusionError("out-of-memory", message);
    }
    this.#waiting = [...this.#waiting, task];
    this.#running ??= this.#run();
  }

  /** Runs `use` while no pass is running, with a slot of its own. */
  async borrow<T>(length: number, use: (slot: SlotId) => Promise<T>): Promise<T> {
    if (this.#failure) throw this.#failure;
    return this.#exclusively(async () => {
      const row = await this.#open([length]);
      if (row === undefined) {
        const message = `Cannot reserve ${length} positions as the pool has ${this.#pool.free} of ${this.#pool.capacity} free`;
        throw new DiffusionError("out-of-memory", message);
      }
      try {
        return await use(row.slots[0]!);
      } finally {
        await this.#close(row, length);
      }
    });
  }

  /** Fails whatever waits or runs, and resolves once nothing runs any more. */
  async stop(reason: DiffusionError): Promise<void> {
    this.#failure ??= reason;
    await this.#running;
    await this.#turn.catch(() => {});
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length + this.#active.length > 0) {
        if (this.#failure) throw this.#failure;
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
    const planned = this.#plan();
    if (planned.rows.length === 0) return;
    const before = performance.now();
    const statistics = await this.#backend.submit(planned);
    await this.#apply(planned.rows, statistics, before);
  }

  /** Gives the waiting tasks their slots, first come first served, while there is room. */
  async #admit(): Promise<void> {
    this.#waiting = this.#waiting.filter((task) => !task.abandoned);
    for (let task = this.#waiting[0]; task; task = this.#waiting[0]) {
      const contents = [Array.from(task.sequence.tokens), ...(task.guidance ? [task.guidance.tokens] : [])];
      const opened = await this.#open(contents.map((tokens) => tokens.length));
      if (!opened) return;
      const row = { ...opened, task };
      const positions = [...contents[0]!.keys()];
      await this.#backend.commit(
        row.slots.map((slot, index) => ({ slot, positions, tokens: contents[index]! })),
      );
      this.#active = [...this.#active, row];
      if (task.start()) await this.#leave([row]);
      this.#waiting = this.#waiting.slice(1);
    }
  }

  /** One step: the spans that fit, in order of age. A sequence whose span does not fit waits for the next. */
  #plan(): {
    readonly rows: readonly PlannedRow[];
    readonly spans: readonly Span[];
    readonly head: readonly HeadRequest[];
  } {
    const rows: PlannedRow[] = [];
    const spans: Span[] = [];
    const head: HeadRequest[] = [];
    let tokens = 0;
    for (const row of this.#active) {
      const pass = row.task.sequence.next();
      const { guidance } = row.task;
      const size = (pass.span.end - pass.span.start) * row.slots.length;
      if (tokens + size > this.#limits.tokens) break;
      tokens += size;
      const request = pass.head ? head.length : undefined;
      const span = spans.length;
      const guided = guidance && { guidance: { span: span + 1, scale: guidance.scale } };
      if (pass.head) head.push({ ...pass.head, span, ...guided });
      for (const slot of row.slots) spans.push({ ...pass.span, slot });
      rows.push({ ...row, pass, request });
    }
    return { rows, spans, head };
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
    await this.#backend.commit(changes);
    const ms = performance.now() - before;
    rows.forEach((row, index) => {
      const outcome = outcomes[index];
      if (outcome && row.task.report(outcome, ms)) gone.push(row);
    });
    await this.#leave(gone);
    // Those that were served go behind those that had to wait.
    const served = new Set(rows.map(({ task }) => task));
    const waited = this.#active.filter(({ task }) => !served.has(task));
    if (waited.length > 0) this.#active = [...waited, ...this.#active.filter(({ task }) => served.has(task))];
  }

  /** Slots of these lengths, side by side in the pool; undefined if there is no room now. */
  async #open(lengths: readonly number[]): Promise<Omit<Row, "task"> | undefined> {
    const base = this.#pool.reserve(lengths.reduce((sum, length) => sum + length, 0));
    if (base === undefined) return undefined;
    const slots: SlotId[] = [];
    let start = base;
    for (const length of lengths) {
      const slot = this.#nextSlot++;
      await this.#backend.openSlot({ slot, base: start, length });
      slots.push(slot);
      start += length;
    }
    return { slots, base };
  }

  async #close({ slots, base }: Omit<Row, "task">, positions: number): Promise<void> {
    for (const slot of slots) await this.#backend.closeSlot(slot);
    this.#pool.release(base, positions);
  }

  async #leave(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    const leaving = new Set(rows.map(({ task }) => task));
    this.#active = this.#active.filter(({ task }) => !leaving.has(task));
    for (const row of rows) await this.#close(row, positionsOf(row.task));
  }

  #exclusively<T>(use: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(use);
    this.#turn = result.catch(() => {});
    return result;
  }
}

/** What a task takes of the pool, and at most of a pass. */
function positionsOf({ sequence, guidance }: Task): number {
  return sequence.length * (guidance ? 2 : 1);
}
