/** Infilling: converts a request's pinned text and holes to tokens, and the result to text. */
import { integer, validate } from "../../declare/index.ts";
import { type DecodedTokens, type InfillCanvas, infillCanvas, type Range } from "../../diffusion/index.ts";
import { DiffusionError, found } from "../../error.ts";
import { runInSlices } from "../../pausing.ts";
import { encodeText, type Tokenizer } from "../../text/index.ts";
import type { ReadingLimits } from "./prompt.ts";
import { readTokens } from "./readValues.ts";
import type { InfillSegment } from "./request.ts";

/** One segment of an infilling, validated. */
export type Segment =
  | { readonly kind: "pinned"; readonly tokens: readonly number[]; readonly text: string | undefined }
  /** Stop tokens are excluded at the first `minimum` positions. After these, the first stop token ends the hole's text. */
  | { readonly kind: "hole"; readonly minimum: number; readonly maximum: number };

const length = integer({ default: 1, minimum: 1, help: "tokens of the hole" });
const fixedHole = { length } as const;
const rangedHole = {
  minimum: integer({ default: 0, minimum: 0, help: "minimum tokens of the hole" }),
  maximum: integer({ default: 1, minimum: 1, help: "maximum tokens of the hole" }),
} as const;

/**
 * @throws DiffusionError `invalid-request` if a segment is neither text nor tokens nor a hole; `text` if text cannot be
 *   encoded; `context-exceeded` if the pinned text has more than `maxTokens` tokens in total, `aborted`
 */
export async function readSegments(
  infill: readonly InfillSegment[],
  tokenizer: Tokenizer | undefined,
  { maxTokens = Infinity, signal }: ReadingLimits = {},
): Promise<readonly Segment[]> {
  if (!Array.isArray(infill)) {
    throw new DiffusionError(
      "invalid-request",
      `Cannot infill as 'infill' must be a list: found ${found(infill)}`,
    );
  }
  const segments: Segment[] = [];
  let room = maxTokens;
  for (const [index, segment] of (infill as readonly InfillSegment[]).entries()) {
    const name = `infill[${index}]`;
    if (typeof segment === "string") {
      if (!tokenizer)
        throw new DiffusionError("text", "Cannot encode pinned text as the model has no tokenizer.json");
      const tokens = await encodeText(tokenizer, segment, { what: name, maxTokens: room, signal });
      room -= tokens.length;
      segments.push({ kind: "pinned", tokens, text: segment });
    } else if (Array.isArray(segment)) {
      const tokens = readTokens(name, segment);
      const text =
        tokenizer && (await runInSlices(tokenizer.decodePausing(tokens), { signal, what: `decode ${name}` }));
      segments.push({ kind: "pinned", tokens, text });
    } else segments.push(readHole(name, segment));
  }
  return segments;
}

function readHole(name: string, hole: unknown): Segment {
  if (typeof hole !== "object" || hole === null || !("length" in hole || "maximum" in hole)) {
    const message = `Cannot infill as ${name} must be text, token ids, { length } or { minimum, maximum }: found ${found(hole)}`;
    throw new DiffusionError("invalid-request", message);
  }
  if ("length" in hole) {
    const values = validate(`the hole ${name}`, fixedHole, { ...hole });
    return { kind: "hole", minimum: values.length, maximum: values.length };
  }
  const { minimum, maximum } = validate(`the hole ${name}`, rangedHole, { ...hole });
  if (minimum <= maximum) return { kind: "hole", minimum, maximum };
  const message = `Cannot infill as the minimum of ${name} must not be above its maximum of ${maximum}: found ${minimum}`;
  throw new DiffusionError("invalid-request", message);
}

/** The number of positions of all segments on a canvas. */
export function segmentsLength(segments: readonly Segment[]): number {
  return segments.reduce(
    (sum, segment) => sum + (segment.kind === "pinned" ? segment.tokens.length : segment.maximum),
    0,
  );
}

/** A filled hole: its tokens up to the first stop token or undecided position. */
export interface FilledHole extends Range {
  readonly tokens: readonly number[];
  readonly text?: string;
}

/** The segments of a request on a canvas. Collects the filled holes and the text at the end. */
export class Infilling {
  readonly canvas: InfillCanvas;
  /** Excluded tokens by position: the stop tokens, at the first `minimum` positions of each hole. */
  readonly forbidden: ReadonlyMap<number, readonly number[]>;
  /** Number of tokens of the prompt and of pinned segments. */
  readonly givenTokens: number;
  readonly #segments: readonly Segment[];
  readonly #stopTokens: readonly number[];
  readonly #tokenizer: Tokenizer | undefined;

  /** @throws DiffusionError `invalid-request` if there is no hole, or pinned tokens contain the mask token */
  constructor(
    prompt: readonly number[],
    segments: readonly Segment[],
    ids: { readonly maskToken: number; readonly stopTokens: readonly number[] },
    tokenizer: Tokenizer | undefined,
  ) {
    const parts = segments.map((segment) => (segment.kind === "pinned" ? segment.tokens : segment.maximum));
    this.canvas = infillCanvas(prompt, parts, ids.maskToken);
    const holeTokens = this.canvas.holes.reduce((sum, { start, end }) => sum + end - start, 0);
    this.givenTokens = this.canvas.tokens.length - holeTokens;
    this.#segments = segments;
    this.#stopTokens = ids.stopTokens;
    this.#tokenizer = tokenizer;
    const minimums = segments.flatMap((segment) => (segment.kind === "hole" ? [segment.minimum] : []));
    this.forbidden = new Map(
      this.canvas.holes.flatMap(({ start }, index) =>
        Array.from({ length: minimums[index]! }, (_, offset) => [start + offset, ids.stopTokens] as const),
      ),
    );
  }

  /** The filled holes of a finished sequence, and the whole text. The text contains the request's pinned text unchanged. */
  fill({ tokens, undecided }: DecodedTokens): {
    readonly holes: readonly FilledHole[];
    readonly text?: string;
  } {
    const holes = this.canvas.holes.map(({ start, end }): FilledHole => {
      const all = Array.from({ length: end - start }, (_, offset) => tokens[start + offset]!);
      // The first stop token or undecided position ends the text of a hole.
      const last = all.findIndex(
        (token, offset) => undecided[start + offset] === 1 || this.#stopTokens.includes(token),
      );
      const kept = last < 0 ? all : all.slice(0, last);
      return { start, end, tokens: kept, ...(this.#tokenizer ? { text: this.#tokenizer.decode(kept) } : {}) };
    });
    if (!this.#tokenizer) return { holes };
    let next = 0;
    const texts = this.#segments.map((segment) =>
      segment.kind === "pinned" ? segment.text : holes[next++]?.text,
    );
    return { holes, text: texts.join("") };
  }
}
