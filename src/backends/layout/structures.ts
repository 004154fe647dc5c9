/**
 * The structures of 32-bit words that host and device exchange, declared once. The host packs and reads them by the
 * offsets of layout.ts; scripts/shaders.mjs writes them as WGSL to shaders/include/layout.wgsl. This file imports
 * nothing, so that scripts can read it.
 */
export type FieldType = "u32" | "i32" | "f32";
/** One word, or several of one type. */
export type Field = FieldType | { readonly type: FieldType; readonly count: number };
export type Fields = Readonly<Record<string, Field>>;

/**
 * - `step`: the head of a step's descriptor.
 * - `spansAt`, `requestsAt`: a list in a step's descriptor, which begins at the word that this field of the head names.
 * - `elements`: elements of a buffer that holds nothing else.
 * - `words`: part of a buffer of words that holds other things too.
 */
export type Place = "step" | "spansAt" | "requestsAt" | "elements" | "words";

export interface Structure {
  readonly place: Place;
  readonly fields: Fields;
}

/** Maximum parameters of a decoder's kernel. */
const maxParameters = 6;
/** Maximum tokens whose logits a decoder's kernel gathers at a position, and maximum words of its own there. */
const maxGatheredTokens = 64;
const maxPositionWords = 64;

export const structures = {
  /** The head of a step's descriptor: what one forward pass computes. The lists of spans and head requests follow. */
  step: {
    place: "step",
    fields: {
      tokenCount: "u32",
      spanCount: "u32",
      /** Wanted rows: the rows whose logits some head request needs. */
      rowCount: "u32",
      requestCount: "u32",
      attentionTileCount: "u32",
      /** Words from the descriptor's beginning. */
      spansAt: "u32",
      requestsAt: "u32",
      /** Words of a row's candidates: a `candidateList` with its `candidate`s, for the longest list of the pass. */
      candidateWords: "u32",
      /** Index of the step in its submission. */
      stepIndex: "u32",
    },
  },

  /** Consecutive positions of one slot that a pass computes. */
  span: {
    place: "spansAt",
    fields: {
      /** Index of the first position among the pass's tokens. */
      firstToken: "u32",
      start: "u32",
      end: "u32",
      /** Where the slot begins in the pool. */
      base: "u32",
      /** Maximum keys that a query sees, counted from position 0. */
      visible: "u32",
      /** Length of the blocks of a block-causal mask, and where the first one begins; length 0 for no mask. */
      maskBlock: "u32",
      origin: "i32",
      /** Index of the first attention tile. */
      firstTile: "u32",
      /** Distance to the twins of a shadow or a branch; 0 for other spans. */
      twinDistance: "u32",
      /** Twins whose keys are the branch's own. In a shadow 0: a query does not see the key of its twin. */
      replacedKeys: "u32",
    },
  },

  /** What the head computes for some positions of one span. */
  request: {
    place: "requestsAt",
    fields: {
      /** The request's wanted rows: index of the first, and how many there may be. */
      firstRow: "u32",
      maxRows: "u32",
      /** Index of the span. */
      span: "u32",
      /** Position p is predicted by the row of position p - shift. */
      shift: "u32",
      maskToken: "u32",
      temperature: "f32",
      topK: "u32",
      topP: "f32",
      /** How far below the best logit a token may be that minP lets through. */
      minPFloor: "f32",
      seed: "u32",
      /** Decode steps of the sequence so far. */
      sequenceStep: "u32",
      /** Index of the span with the unconditional pass of classifier-free guidance, or none. */
      guidanceSpan: "u32",
      guidanceScale: "f32",
      /** `requestFlag`s. */
      flags: "u32",
      /** Tokens that a soft mixture keeps; 0 keeps all. */
      mixtureTokens: "u32",
      /** Where the request's `forbiddenTable` begins. */
      forbiddenAt: "u32",
      /** What differences of logits are multiplied by for confidence and entropy. */
      scoreFactor: "f32",
      /** Best tokens that are reported for each row, with the flag `candidates`. */
      candidateCount: "u32",
      /** The last layers whose attention among the request's rows is averaged, and where the averages begin; 0 layers for none. */
      coupledLayers: "u32",
      couplingsAt: "u32",
      /** Weight of the soft mixture in a soft embedding. */
      softEmbeddingWeight: "f32",
      /** Index of the row state; none if the host decides. The fields below count only where the device decides. */
      state: "u32",
      /** Decode steps of the block so far. */
      blockStep: "u32",
      blockStart: "u32",
      blockEnd: "u32",
      /** Number of the decoder. */
      decoder: "u32",
      /** Words, floats by their bits. */
      parameters: { type: "u32", count: maxParameters },
      /** Where the row's part of the report begins. */
      reportAt: "u32",
      /** Where the step's part of the buffer of log-probabilities begins. */
      logprobsAt: "u32",
    },
  },

  /**
   * What the rows of a submission may do: this head, then a `rowPlan` for each row, then what these refer to by the words
   * at which it begins. The device writes the descriptor of each step from it.
   */
  submission: {
    place: "words",
    fields: {
      rowCount: "u32",
      /** As in `step`, for all steps of the submission. */
      candidateWords: "u32",
    },
  },
  rowPlan: {
    place: "words",
    fields: {
      /** Index of the row state. */
      state: "u32",
      /** Where the row's slot begins in the pool, and with guidance the slot without the prompt; else none. */
      base: "u32",
      guidanceBase: "u32",
      /** 1 where the host says where the row is, by the three fields that follow. */
      isEntry: "u32",
      entryBlockStep: "u32",
      entrySequenceStep: "u32",
      entryPasses: "u32",
      /** Index of the first of the row's `blockPlan`s in the sequence. */
      firstBlock: "u32",
      blockCount: "u32",
      blocksAt: "u32",
      /** The row rests once it has made this many passes; none for no limit. */
      passLimit: "u32",
      stopTokensAt: "u32",
      stopTokenCount: "u32",
      /** Words of a step in the row's part of the buffer of log-probabilities, and where the part begins. */
      logprobStepWords: "u32",
      logprobsAt: "u32",
    },
  },
  blockPlan: {
    place: "words",
    fields: {
      openAtStart: "u32",
      /** The `stepPlan` of each step from `firstStep` on; the last one serves all later steps. */
      firstStep: "u32",
      stepCount: "u32",
      stepsAt: "u32",
      /** The row rests before this step of the block; none for no limit. */
      stepLimit: "u32",
      /** Positions of which one with a stop token ends the row; the range is empty where none does. */
      stopStart: "u32",
      stopEnd: "u32",
      /** Positions that the decoder may overwrite once they are decided. */
      editableAt: "u32",
      editableCount: "u32",
    },
  },
  stepPlan: {
    place: "words",
    fields: {
      /** Where the `passPlan` begins. */
      passAt: "u32",
      parameters: { type: "u32", count: maxParameters },
    },
  },
  /** A pass that a row may make. A `request` follows, without the fields that depend on the step. */
  passPlan: {
    place: "words",
    fields: { start: "u32", end: "u32", visible: "u32", maskBlock: "u32", origin: "i32" },
  },

  /** Where a row is. The control buffer holds nothing else. */
  rowState: {
    place: "words",
    fields: {
      /** Index of the row's block in the sequence, and whether the row has entered the block. */
      blockIndex: "u32",
      isEntered: "u32",
      /** Whether the block is complete; the row leaves it before its next step. */
      isComplete: "u32",
      /** Whether a block that the row left held a stop token. */
      isStopped: "u32",
      /** Decode steps of the block, and of the sequence, so far. */
      blockStep: "u32",
      sequenceStep: "u32",
      /** Passes of the sequence so far. */
      passes: "u32",
      /** Undecided positions when the block was entered. */
      openAtStart: "u32",
      /** Steps that the row took in this submission, and its `reportEntry`s. */
      stepsTaken: "u32",
      entryCount: "u32",
      /** A position without finite logits, or none. */
      invalidPosition: "u32",
      /** Wanted rows of the current step. */
      rowCount: "u32",
    },
  },

  /** A token that a row wrote in a submission, in any order; the verdict says whether it is a commit or an edit. */
  reportEntry: {
    place: "words",
    fields: { stepIndex: "u32", position: "u32", verdict: "u32", token: "u32", confidence: "f32" },
  },

  /** A row whose logits a head request needs. */
  wantedRow: {
    place: "elements",
    fields: {
      /** Index of the token whose hidden state predicts the position; with guidance, and without the prompt. */
      token: "u32",
      guidanceToken: "u32",
      /** Index of the head request; none for a row that a request reserved and does not need. */
      request: "u32",
      position: "u32",
    },
  },

  /** Statistics of a wanted row's distribution. */
  statistics: {
    place: "elements",
    fields: {
      /** The chosen token: the best one, or a sampled one. */
      token: "u32",
      confidence: "f32",
      best: "u32",
      bestLogit: "f32",
      bestProbability: "f32",
      secondProbability: "f32",
      entropy: "f32",
      /** ln of the sum of exp(logit - best logit). */
      logSumExp: "f32",
      /** 1 if all logits are finite or minus infinity. */
      valid: "u32",
      divergence: "f32",
      /** The chosen token's logit. */
      tokenLogit: "f32",
      /** Sum of exp(logit - best logit) over all tokens but the best. */
      rest: "f32",
    },
  },

  /** Statistics of a part of a row's distribution. */
  partial: {
    place: "elements",
    fields: {
      /** The highest logit, its token (the lowest on ties), and the second-highest logit. */
      highest: "f32",
      best: "u32",
      second: "f32",
      /**
       * Sum of exp(f (l - highest)) over all tokens but the best, with the score factor f: added to the best token's 1, it
       * would lose the digits that tell high confidences apart.
       */
      rest: "f32",
      /** Sum of exp(f (l - highest)) f (l - highest). */
      weighted: "f32",
      /** The highest perturbed logit, its token, and that token's logit. */
      score: "f32",
      token: "u32",
      tokenLogit: "f32",
      /** Not 0 if a logit is NaN or plus infinity. */
      invalid: "u32",
    },
  },

  /** A part of KL(now || before) of a row. */
  divergencePart: {
    place: "elements",
    fields: {
      highest: "f32",
      mass: "f32",
      /** Sum of exp(now - highest) (now - before). */
      moved: "f32",
      highestBefore: "f32",
      massBefore: "f32",
    },
  },

  /** The best tokens of a wanted row: this head, then `candidate`s, best first. */
  candidateList: { place: "words", fields: { logSumExp: "f32" } },
  candidate: { place: "words", fields: { token: "u32", logit: "f32" } },

  /** Log-probability of a token that the device wrote: this head, then the best tokens beside it. */
  logprobList: { place: "words", fields: { logprob: "f32" } },
  logprobEntry: { place: "words", fields: { token: "u32", logprob: "f32" } },

  /** What the kernel of a decoder keeps at a position of the pool, from step to step of a block. */
  positionMemory: {
    place: "words",
    fields: {
      /** Tokens whose logits the kernel reads in the next step. */
      tokenCount: "u32",
      tokens: { type: "u32", count: maxGatheredTokens },
      /** The decoder's own. */
      own: { type: "u32", count: maxPositionWords },
    },
  },
  /** What a decoder does with a wanted row: scratch of a step. */
  decision: {
    place: "words",
    fields: {
      /** A `verdict`. */
      verdict: "u32",
      token: "u32",
      confidence: "f32",
      /** Rows with higher keys come first. */
      key: "u32",
      tokenLogit: "f32",
    },
  },

  /** Tokens that may not stand at a request's positions: this head, then a `forbiddenList` for each position. */
  forbiddenTable: { place: "words", fields: { firstPosition: "u32", positionCount: "u32" } },
  /** Where a position's forbidden tokens lie in the same buffer. */
  forbiddenList: { place: "words", fields: { tokensAt: "u32", tokenCount: "u32" } },

  /** Single logits that the host asks for: this head, then `gatherPair`s. */
  gatherList: { place: "words", fields: { pairCount: "u32" } },
  gatherPair: { place: "words", fields: { row: "u32", token: "u32" } },

  /** Routed rows sorted by expert: this head, then `expertTile`s, then the rows. */
  expertGroups: { place: "words", fields: { tileCount: "u32" } },
  expertTile: { place: "words", fields: { expert: "u32", firstRow: "u32", rowCount: "u32" } },
} as const satisfies Readonly<Record<string, Structure>>;

/** Numbers that host and device share. */
export const constants = {
  /** No index, token or position. */
  none: 0xffffffff,
  /** Words of a step's descriptor, from one step of a submission to the next; 256-byte aligned. */
  descriptorWords: 3072,
  maxParameters,
  maxGatheredTokens,
  maxPositionWords,
  requestFlag: {
    /** Some tokens may not stand at some positions. */
    forbidden: 1 << 0,
    divergence: 1 << 1,
    mixture: 1 << 2,
    /** The token is drawn, not the best one. */
    sampled: 1 << 3,
    /** The token, or the scores, depend on topK, topP or minP. */
    filtered: 1 << 4,
    /** The decoder also looks at generated positions of the block that hold a token. */
    known: 1 << 5,
    /** The decoder's kernel reads the logits of the tokens that it lists in `positionMemory`. */
    gathers: 1 << 6,
    /** The best tokens are reported. */
    candidates: 1 << 7,
    /** Scores are those of the distribution that tokens are drawn from. */
    sampledScores: 1 << 8,
  },
  /** Of a position of the pool. */
  positionFlag: {
    /** The input embedding is soft. */
    soft: 1 << 0,
    /** An editing decoder may overwrite the token. */
    editable: 1 << 1,
    /** No token is decided yet. */
    undecided: 1 << 2,
  },
  verdict: { keep: 0, commit: 1, edit: 2 },
} as const;
