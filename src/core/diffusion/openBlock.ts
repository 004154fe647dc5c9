/** The block that a sequence is decoding: its undecided positions, the decoder's state, and the decode steps. */
import type { Parameters, ValuesOf } from "../declare/index.ts";
import { maxIdleSteps, maxPostSteps, maxStepsPerPosition } from "../decode/index.ts";
import { DiffusionError } from "../error.ts";
import type { RequestRows } from "../tensor/index.ts";
import { type BlockFacts, BlockStatistics, StepCommits } from "./block.ts";
import { BlockBranches } from "./branches.ts";
import type { Canvas, Range } from "./canvas.ts";
import { brokenRule, checkDecisions } from "./checkDecisions.ts";
import { type AnsweredRows, logprobsOf } from "./logprobs.ts";
import type { SequenceOptions } from "./options.ts";
import type { Branch, DecidedStep } from "./outcome.ts";
import { type DecodedTokens, undecidedPositions } from "./undecided.ts";

/** The options of a sequence that a block depends on. */
export type BlockOptions = Pick<SequenceOptions, "maskToken" | "decoder" | "sampling"> & {
  /** The initial canvas of the sequence. A decoder may write to positions that were undecided in it. */
  readonly canvas: Pick<Canvas, "undecided">;
};

/** Offsets of a block's undecided positions, and of its generated positions that are decided. Ascending. */
interface OffsetLists {
  readonly open: readonly number[];
  readonly known: readonly number[];
}

/** The first and the last position of a set. */
export interface Reach {
  readonly first: number;
  readonly last: number;
}

/** The reach of ascending positions; undefined if there are none. */
export function reachOf(positions: readonly number[]): Reach | undefined {
  return positions.length > 0 ? { first: positions[0]!, last: positions.at(-1)! } : undefined;
}

export class OpenBlock implements Range {
  readonly start: number;
  readonly end: number;
  readonly #options: BlockOptions;
  /** The sequence's own tokens and undecided positions, which the block writes to. */
  readonly #decoded: DecodedTokens;
  /** Undecided positions when the block was entered. */
  readonly openAtStart: number;
  /** The reach of the positions that the decoder could write to when the block was entered; undefined if none. */
  readonly reach: Reach | undefined;
  /** The decoder's state. */
  readonly #state: unknown;
  /** Whether the decoder may overwrite tokens that it has committed. */
  readonly #revises: boolean;
  #openCount = 0;
  /** Created when they are first read after a write: a step that a device decided needs none. */
  #listed: OffsetLists | undefined;
  /** The decoder's view of statistics and tokens; created in the first step that the host decides. */
  #statistics: BlockStatistics | undefined;
  #current: Uint32Array | undefined;
  /** For decoders that look ahead. */
  readonly #branches: BlockBranches | undefined;
  #step = 0;
  /** Steps while the block had no undecided position. */
  #postSteps = 0;
  /** Steps that committed something. */
  #openSteps = 0;
  /** Whether the decoder's schedule committed nothing in the last step. */
  #wasIdle = false;

  constructor({ start, end }: Range, options: BlockOptions, { tokens, undecided }: DecodedTokens) {
    this.start = start;
    this.end = end;
    this.#options = options;
    this.#decoded = { tokens, undecided };
    this.#revises = options.decoder.declaration.needs?.includes("known") ?? false;
    for (let position = start; position < end; position++) this.#openCount += undecided[position]!;
    this.openAtStart = this.#openCount;
    this.#state = options.decoder.declaration.start?.(end - start);
    if (options.decoder.declaration.lookAhead) this.#branches = new BlockBranches(this, options.decoder);
    this.reach = reachOf(this.wantedPositions());
  }

  /** Undecided positions. */
  get openCount(): number {
    return this.#openCount;
  }

  /** Decode steps so far. */
  get step(): number {
    return this.#step;
  }

  /** Positions that the decoder may overwrite after they are decided, ascending; none unless the decoder edits. */
  get editablePositions(): readonly number[] {
    if (!this.#revises) return [];
    return undecidedPositions(this.#options.canvas.undecided, this.start, this.end);
  }

  /** Generated positions that are decided, ascending. */
  get knownPositions(): readonly number[] {
    return this.#offsets.known.map((offset) => this.start + offset);
  }

  /** Whether the block needs no more steps: nothing is undecided, and the decoder has nothing to revise. */
  get complete(): boolean {
    if (this.#openCount > 0) return false;
    if (!this.#revises || this.#offsets.known.length === 0) return true;
    const { declaration, parameters } = this.#options.decoder;
    return declaration.isBlockDone?.(this.#state, parameters) ?? true;
  }

  /**
   * Skips the next steps in which the decoder's schedule commits nothing. They count as steps. Returns their number.
   * @throws DiffusionError `invalid-request` if there are more than `maxIdleSteps`
   */
  skipIdleSteps(): number {
    const idle = this.#idleSteps();
    this.#step += idle;
    return idle;
  }

  #idleSteps(): number {
    const open = this.#openCount;
    let idle = 0;
    while (open > 0 && this.#transferCount(open, this.#step + idle) === 0) {
      if (idle++ === maxIdleSteps) throw this.#refuse(`must commit something within ${maxIdleSteps} steps`);
    }
    return idle;
  }

  /**
   * The number of steps until the decoder's schedule commits nothing, or until the block is filled, at most `max`. Without a
   * schedule `max`.
   */
  stepsBeforeIdle(max: number): number {
    let open = this.#openCount;
    let steps = 0;
    for (; steps < max && open > 0; steps++) {
      const count = this.#transferCount(open, this.#step + steps);
      if (count === undefined) return max;
      if (count === 0) break;
      open -= count;
    }
    return steps;
  }

  /** The number of positions that a step commits if `open` are undecided; undefined if the decoder has no schedule. */
  #transferCount(open: number, step: number): number | undefined {
    const { declaration, parameters } = this.#options.decoder;
    return declaration.transferCount?.({ open, openAtStart: this.openAtStart, step }, parameters);
  }

  /** The positions whose statistics the decoder needs, ascending. */
  wantedPositions(): readonly number[] {
    if (this.complete) return [];
    const { start } = this;
    const { open, known } = this.#offsets;
    if (!this.#revises) return open.map((offset) => start + offset);
    return [...open, ...known].sort((a, b) => a - b).map((offset) => start + offset);
  }

  /** The tokens whose logits the decoder needs at a position. */
  gather(position: number): readonly number[] {
    const { declaration } = this.#options.decoder;
    if (position < this.start || position >= this.end) return [];
    return declaration.gather?.(this.#state, position - this.start) ?? [];
  }

  /** The branches that the last step proposed. */
  get branches(): readonly Branch[] {
    return this.#branches?.proposed ?? [];
  }

  /**
   * Makes one decode step. The decisions take effect with `write`.
   * @param own the head request of the block's rows, and the rows. Those outside the block are only checked to be finite
   * @param sequenceStep decode steps of the sequence so far
   * @param twins of the block's shadow, or of its branches
   * @returns the decisions, and the rows that they follow from
   * @throws DiffusionError `numeric` if a row is not finite, `invalid-request` if the decoder breaks its rules
   */
  decide(
    own: AnsweredRows,
    parameters: ValuesOf<Parameters>,
    sequenceStep: number,
    twins: readonly AnsweredRows[] = [],
  ): { readonly decided: StepCommits; readonly answer: AnsweredRows } {
    for (const { head, rows } of [own, ...twins]) requireFinite(head.positions, rows);
    this.#statistics ??= new BlockStatistics(this);
    this.#statistics.read(own.rows, own.head.positions);
    const branches = this.#branches;
    if (!branches) for (const { head, rows } of twins) this.#statistics.readShadow(rows, head.positions);
    // Reference cache policies do not skip idle steps. The first step of an idle run checks the length of the run.
    if (!this.#wasIdle) this.#idleSteps();
    const open = this.#openCount;
    const scheduled = open > 0 ? this.#transferCount(open, this.#step) : undefined;
    const facts: BlockFacts = {
      open: this.#offsets.open,
      known: this.#offsets.known,
      current: this.#currentTokens(),
      openAtStart: this.openAtStart,
      sequenceLength: this.#decoded.tokens.length,
      step: this.#step++,
      sequenceStep,
      sampling: this.#options.sampling,
    };
    const asItIs = { view: this.#statistics.view(facts), answer: own, branch: undefined };
    const { view, answer, branch } =
      branches?.follow(asItIs, facts, twins, (what) => this.#refuse(what)) ?? asItIs;
    this.#wasIdle = scheduled === 0;
    if (open === 0 && this.#postSteps++ === maxPostSteps) {
      throw this.#refuse(`must finish a filled block within ${maxPostSteps} steps`);
    }
    const decided = new StepCommits(view.confidence);
    // A branch may leave nothing open.
    if (!branch || view.open.length > 0)
      this.#options.decoder.declaration.commit(view, parameters, decided, this.#state);
    checkDecisions(
      decided,
      { open: view.open, known: this.#revises ? view.known : [], scheduled },
      this.#options,
    );
    for (const writes of [decided.commits, decided.edits])
      writes.logprobs = logprobsOf(writes, this.start, answer);
    if (branch) {
      // In the block as it is the token is not decided yet, so its row is there.
      const written = { offsets: [branch.offset], tokens: [branch.token] };
      decided.commits.prepend(branch, logprobsOf(written, this.start, own));
    }
    this.#limitSteps(decided);
    if (branches) branches.proposed = decided.branches;
    return { decided, answer };
  }

  /** Counts a step that the device decided. Called before the decisions are written. */
  observe(editCount: number): void {
    this.#step++;
    this.#options.decoder.declaration.observe?.(this.#state, this.#openCount, editCount);
  }

  /** Writes the decisions of a step to the sequence's tokens. */
  write({ commits, edits, revoked = [] }: DecidedStep): void {
    this.#write(commits);
    this.#write(edits);
    this.#revoke(revoked);
    this.#listed = undefined;
  }

  #write({ positions, tokens: written }: DecidedStep["commits"]): void {
    const { tokens, undecided } = this.#decoded;
    for (let index = 0; index < positions.length; index++) {
      const position = positions[index]!;
      tokens[position] = written[index]!;
      this.#openCount -= undecided[position]!;
      undecided[position] = 0;
    }
  }

  #revoke(positions: readonly number[]): void {
    const { tokens, undecided } = this.#decoded;
    for (const position of positions) {
      tokens[position] = this.#options.maskToken;
      undecided[position] = 1;
    }
    this.#openCount += positions.length;
  }

  get #offsets(): OffsetLists {
    this.#listed ??= this.#listOffsets();
    return this.#listed;
  }

  #listOffsets(): OffsetLists {
    const { undecided } = this.#decoded;
    const { undecided: generated } = this.#options.canvas;
    const open: number[] = [];
    const known: number[] = [];
    for (let position = this.start; position < this.end; position++) {
      if (undecided[position] === 1) open.push(position - this.start);
      else if (generated[position] === 1) known.push(position - this.start);
    }
    return { open, known };
  }

  /** A copy of the block's tokens: a user's decoder cannot change the sequence through it. */
  #currentTokens(): Uint32Array {
    this.#current ??= new Uint32Array(this.end - this.start);
    for (let offset = 0; offset < this.#current.length; offset++)
      this.#current[offset] = this.#decoded.tokens[this.start + offset]!;
    return this.#current;
  }

  /** Every step commits, so without a limit only a decoder that revokes could go on forever. */
  #limitSteps({ commits }: StepCommits): void {
    if (commits.offsets.length > 0) this.#openSteps++;
    const length = this.end - this.start;
    const most = maxStepsPerPosition * length;
    if (this.#openSteps > most)
      throw this.#refuse(`must fill a block of ${length} positions within ${most} steps`);
  }

  #refuse(what: string): DiffusionError {
    return brokenRule(this.#options.decoder, what);
  }
}

/** @throws DiffusionError `numeric` */
function requireFinite(positions: readonly number[], { statistics, firstRow }: RequestRows): void {
  for (const [index, position] of positions.entries()) {
    if (statistics.valid[firstRow + index] === 1) continue;
    const message = `Cannot decode position ${position} as the model computed no finite logits for it`;
    throw new DiffusionError("numeric", message);
  }
}
