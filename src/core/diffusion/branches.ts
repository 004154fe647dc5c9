/** The branches of a block. Source: LoPA (arXiv 2512.16229). */
import type { Bound } from "../declare/index.ts";
import type { BlockView, Decoder } from "../decode/index.ts";
import { type BlockFacts, BlockStatistics } from "./block.ts";
import type { Range } from "./canvas.ts";
import type { AnsweredRows } from "./logprobs.ts";
import type { Branch } from "./outcome.ts";

/** The most branches of a step. */
export function maxBranches({ declaration, parameters }: Bound<Decoder>): number {
  return declaration.lookAhead?.maxBranches(parameters) ?? 0;
}

/** A block as the decoder goes on from it. */
interface Followed {
  readonly view: BlockView;
  readonly answer: AnsweredRows;
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
    answers: readonly AnsweredRows[],
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
