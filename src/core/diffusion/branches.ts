/**
 * Branches of a block: each is the block with one more position committed, computed behind the sequence by the pass that computes the
 * block as it is. They share the keys and values outside the pass. Source: LoPA (arXiv 2512.16229), branches verified in parallel.
 */
import type { Bound } from "../declare/index.ts";
import type { BlockView, Decoder } from "../decode/index.ts";
import type { RequestRows } from "../tensor/index.ts";
import { type BlockFacts, BlockStatistics } from "./block.ts";
import type { Range } from "./canvas.ts";
import type { RequestedRows } from "./logprobs.ts";
import type { SequenceOptions } from "./options.ts";
import type { SequencePass, TwinPass } from "./outcome.ts";
import type { PassPlace } from "./pass.ts";

/** An open offset that a branch commits, and the token. */
export interface Branch {
  readonly offset: number;
  readonly token: number;
  /** The confidence of the token when the branch was proposed. */
  readonly confidence: number;
}

/** The most branches of a step. */
export function maxBranches({ declaration, parameters }: Bound<Decoder>): number {
  return declaration.lookAhead?.maxBranches(parameters) ?? 0;
}

/** The room behind a sequence: for how many branches, and the positions of each, which are those of a pass that stays in a block. */
export function branchRoom({
  decoder,
  canvas,
  cache,
  shift,
}: Pick<SequenceOptions, "decoder" | "canvas" | "cache" | "shift">): {
  readonly count: number;
  readonly length: number;
} {
  const count = maxBranches(decoder);
  const { window } = cache.declaration;
  if (count === 0 || !window) return { count: 0, length: 0 };
  const { length } = canvas.tokens;
  const lengths = canvas.blocks.map(({ block }) => {
    const { start, end } = window({ ...block, length }, cache.parameters);
    return Math.min(length, end - start + shift);
  });
  return { count, length: Math.max(...lengths) };
}

/**
 * The branches that the last step proposed, as parts of the next pass: its span and its head request, moved behind the sequence. A pass
 * that is longer than the room of a branch, as one that refreshes a cache, has none.
 */
export function branchPasses(
  { span, head }: Pick<SequencePass, "span" | "head">,
  { options, tokens, block }: PassPlace,
): readonly TwinPass[] {
  if (!head || block.branches.length === 0) return [];
  const { length } = branchRoom(options);
  const width = span.end - span.start;
  if (width > length) return [];
  return block.branches.map(({ offset, token }, index) => {
    const start = tokens.length + index * length;
    const committed = block.start + offset;
    const own = tokens.slice(span.start, span.end);
    own[committed - span.start] = token;
    return {
      span: { ...span, start, end: start + width, branchOf: span.start },
      head: withoutPosition(head, committed),
      tokens: Array.from(own),
    };
  });
}

/** A head request without the row of a position. */
function withoutPosition(head: TwinPass["head"], position: number): TwinPass["head"] {
  const { positions, forbidden, gather } = head;
  const kept = [...positions.keys()].filter((row) => positions[row] !== position);
  const pick = <T>(list: readonly T[]) => kept.map((row) => list[row]!);
  return {
    ...head,
    positions: pick(positions),
    forbidden: forbidden && pick(forbidden),
    gather: gather && pick(gather),
  };
}

/** A head request, and the rows that answer it. */
export interface Answer {
  readonly head: RequestedRows;
  readonly rows: RequestRows;
}

/** A block as the decoder goes on from it. */
interface Followed {
  readonly view: BlockView;
  readonly answer: Answer;
  /** The branch that became the block; undefined if none did. */
  readonly branch: Branch | undefined;
}

/** The branches of one block, from the step that proposes them to the step that goes on from one of them. */
export class BlockBranches {
  /** Those that the last step proposed. */
  proposed: readonly Branch[] = [];
  readonly #range: Range;
  readonly #decoder: Bound<Decoder>;
  /** Of each branch. All steps of the block use the same ones. */
  readonly #statistics: BlockStatistics[] = [];

  constructor({ start, end }: Range, decoder: Bound<Decoder>) {
    this.#range = { start, end };
    this.#decoder = decoder;
  }

  /**
   * Lets the decoder choose the block to go on from.
   * @param asItIs the block without a branch, with its answer
   * @param facts of the block without a branch
   * @param answers one of each branch that was proposed
   * @throws the error that `refuse` makes, if the decoder chooses none of the blocks
   */
  follow(
    asItIs: Omit<Followed, "branch">,
    facts: BlockFacts,
    answers: readonly Answer[],
    refuse: (what: string) => Error,
  ): Followed {
    if (answers.length === 0) return { ...asItIs, branch: undefined };
    const branches = answers.map((answer, index): Followed & { branch: Branch } => {
      const branch = this.proposed[index]!;
      this.#statistics[index] ??= new BlockStatistics(this.#range);
      const statistics = this.#statistics[index];
      statistics.read(answer.rows, answer.head.positions);
      return { view: statistics.view(withBranch(facts, branch)), answer, branch };
    });
    const views = [
      { view: asItIs.view, certainty: 1 },
      ...branches.map(({ view, branch }) => ({ view, certainty: branch.confidence })),
    ];
    const { declaration, parameters } = this.#decoder;
    const choice = declaration.lookAhead!.choose(views, parameters);
    if (views[choice] === undefined) throw refuse(`chose branch ${choice} of ${branches.length}`);
    return branches[choice - 1] ?? { ...asItIs, branch: undefined };
  }
}

/** The facts of a block in which the branch's token is decided. */
function withBranch(facts: BlockFacts, { offset, token }: Branch): BlockFacts {
  const current = facts.current.slice();
  current[offset] = token;
  return {
    ...facts,
    current,
    open: facts.open.filter((each) => each !== offset),
    known: [...facts.known, offset].sort((a, b) => a - b),
  };
}
