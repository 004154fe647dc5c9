/** The numbers of a run by frame, for charts. */
import type { Write } from "./positionRecord.ts";
import type { Recording } from "./recording.ts";

/** One number for each frame. */
export interface Series {
  readonly forwards: readonly number[];
  readonly masksLeft: readonly number[];
  /** Positions decided so far; those filled in behind a stop are not. */
  readonly committed: readonly number[];
  /** Tokens of the answer so far: committed, before the first stop token of the answer or of its hole. */
  readonly tokens: readonly number[];
  /** Commits and edits of the frame's own pass. */
  readonly commits: readonly number[];
  readonly edits: readonly number[];
  /** Duration of the frame's own pass, and of all passes so far. */
  readonly ms: readonly number[];
  readonly elapsedMs: readonly number[];
  /** Duration of all forwards so far: passes that only encoded the prompt are none. */
  readonly forwardMs: readonly number[];
}

export function seriesOf(recording: Recording): Series {
  const { frameCount, passes } = recording;
  const perFrame = () => new Array<number>(frameCount).fill(0);
  const appended = perFrame();
  const decided = perFrame();
  const filled = perFrame();
  for (let position = 0; position < recording.length; position++) {
    if (!recording.isUndecidedAtStart(position)) continue;
    appended[recording.firstFrameOf(position)]!++;
    let isOpen = true;
    for (const { frame, kind } of recording.writesAt(position)) {
      if (kind === "revoke") decided[frame]!--;
      else if (isOpen && kind === "fill") filled[frame]!++;
      else if (isOpen) decided[frame]!++;
      isOpen = kind === "revoke";
    }
  }
  const committed = sums(decided);
  const gone = sums(decided.map((count, frame) => count + filled[frame]!));
  const counts = (count: (pass: (typeof passes)[number]) => number) =>
    [0, ...passes.map(count)].slice(0, frameCount);
  const ms = counts((pass) => pass.ms);
  return {
    forwards: sums(counts(({ isPrefill }) => (isPrefill ? 0 : 1))),
    masksLeft: sums(appended).map((count, frame) => count - gone[frame]!),
    committed,
    tokens: answerTokens(recording),
    commits: counts(({ commitCount }) => commitCount),
    edits: counts(({ editCount }) => editCount),
    ms,
    elapsedMs: sums(ms),
    forwardMs: sums(counts(({ isPrefill, ms }) => (isPrefill ? 0 : ms))),
  };
}

function sums(numbers: readonly number[]): number[] {
  let sum = 0;
  return numbers.map((number) => {
    sum += number;
    return sum;
  });
}

/** By frame, the tokens of all holes: of each the committed ones, up to its first stop token. */
function answerTokens(recording: Recording): number[] {
  const total = new Array<number>(recording.frameCount).fill(0);
  for (const { start, end } of holesOf(recording)) {
    const changes: { readonly frame: number; readonly position: number; readonly write: Write }[] = [];
    for (let position = start; position < end; position++) {
      for (const write of recording.writesAt(position)) changes.push({ frame: write.frame, position, write });
    }
    changes.sort((a, b) => a.frame - b.frame);
    const states = new Uint8Array(end - start);
    let count = 0;
    let next = 0;
    for (let frame = 0; frame < total.length; frame++) {
      const before = next;
      for (; changes[next]?.frame === frame; next++) {
        const { position, write } = changes[next]!;
        states[position - start] = recording.isStopToken(write.token)
          ? stop
          : write.kind === "fill" || write.kind === "revoke"
            ? open
            : token;
      }
      if (next > before) count = tokensBeforeStop(states);
      total[frame]! += count;
    }
  }
  return total;
}

const open = 0;
const token = 1;
const stop = 2;

function tokensBeforeStop(states: Uint8Array): number {
  let count = 0;
  for (const state of states) {
    if (state === stop) break;
    count += state;
  }
  return count;
}

/** The runs of positions that were there to be decided: the answer, or the holes of an infilling. */
function holesOf(recording: Recording): readonly { readonly start: number; readonly end: number }[] {
  const holes: { start: number; end: number }[] = [];
  for (let position = 0; position < recording.length; position++) {
    if (!recording.isUndecidedAtStart(position)) continue;
    const last = holes.at(-1);
    if (last?.end === position) last.end++;
    else holes.push({ start: position, end: position + 1 });
  }
  return holes;
}
