/** An answer on a terminal: the canvas as it is unmasked, then its text in the canvas's place. */
import type { ChalkInstance } from "chalk";
import { createLogUpdate } from "log-update";
import type { DoneEvent, GenerateEvent, StartEvent, StepEvent } from "../core/index.ts";
import { type Canvas, drawCanvas, extendedTo, maskedCanvas, type Paint, shown, withCells } from "./canvas.ts";
import { type Io, type Output, write } from "./io.ts";
import { type Progress, progressText, summaryText } from "./progressText.ts";
import { note } from "./statusLine.ts";
import { colors, hideCursor, printable, showCursor, sizeOf } from "./terminal.ts";
import { Throttle } from "./throttle.ts";
import type { AnswerView } from "./view.ts";

const frameMs = 1000 / 30;

/** How single tokens look. */
export interface TokenDisplay {
  text(token: number): string;
  /** Whether it is no text, as the one that ends an answer. */
  isControl(token: number): boolean;
}

export class LiveView implements AnswerView {
  readonly #io: Io;
  readonly #color: boolean | undefined;
  readonly #tokens: TokenDisplay;
  readonly #paint: Paint;
  readonly #dim: (text: string) => string;
  readonly #now: () => number;
  readonly #frames: ReturnType<typeof createLogUpdate>;
  readonly #throttle = new Throttle(() => this.#draw(), frameMs);
  #canvas: Canvas = maskedCanvas(0);
  #promptTokens = 0;
  #progress: Progress = { block: 0, blocks: 0, committed: 0, total: 0, forwards: 0, elapsedMs: 0 };
  #startedAt = 0;
  #open = false;

  /** @param now the time that rates are told by, ms */
  constructor(
    io: Io,
    color: boolean | undefined,
    tokens: TokenDisplay,
    now: () => number = () => performance.now(),
  ) {
    const palette = colors(io, io.stdout, color);
    this.#io = io;
    this.#color = color;
    this.#tokens = tokens;
    this.#paint = painter(palette);
    this.#dim = palette.dim;
    this.#now = now;
    this.#frames = framesOn(io.stdout);
  }

  async show(event: GenerateEvent): Promise<void> {
    switch (event.type) {
      case "start":
        this.#start(event);
        break;
      case "step":
        this.#step(event);
        break;
      case "progress":
        this.#progress = { ...this.#progress, committed: event.committed, total: event.total };
        break;
      case "block":
        this.#progress = { ...this.#progress, block: this.#progress.block + 1 };
        break;
      case "extend":
        this.#canvas = extendedTo(this.#canvas, event.genLength);
        // The next step counts the blocks of the longer canvas.
        this.#progress = { ...this.#progress, blocks: 0 };
        break;
      case "recovered":
        this.#progress = { ...this.#progress, recovered: event };
        break;
      case "done":
        return this.#finish(event);
    }
    this.#progress = { ...this.#progress, elapsedMs: this.#now() - this.#startedAt };
    this.#throttle.request();
  }

  close(): void {
    this.#throttle.stop();
    if (!this.#open) return;
    this.#open = false;
    this.#frames.clear();
    this.#io.stdout.write(showCursor);
  }

  #start({ genLength, promptTokens, canvas, maskToken }: StartEvent): void {
    this.#promptTokens = promptTokens;
    const positions = [...canvas.keys()].filter((position) => canvas[position] !== maskToken);
    const tokens = positions.map((position) => canvas[position]!);
    this.#canvas = shown(this.#placed(maskedCanvas(genLength), { positions, tokens, confidences: [] }));
    this.#progress = { ...this.#progress, total: genLength };
    this.#startedAt = this.#now();
    this.#open = true;
    this.#io.stdout.write(hideCursor);
  }

  #step(event: StepEvent): void {
    this.#canvas = this.#placed(this.#placed(this.#canvas, event), event.edits);
    const blockLength = Math.max(1, event.block.end - event.block.start);
    const { blocks, forwards } = this.#progress;
    this.#progress = {
      ...this.#progress,
      forwards: forwards + (event.prefill ? 0 : 1),
      // The first block tells how long blocks are: the last one may be shorter.
      blocks: blocks || Math.ceil(this.#canvas.cells.length / blockLength),
    };
  }

  #placed(canvas: Canvas, { positions, tokens, confidences }: StepEvent["edits"]): Canvas {
    const added = positions.map((position, i) => {
      const text = this.#tokens.text(tokens[i]!);
      const cell = { text, confidence: confidences[i] ?? 1, control: this.#tokens.isControl(tokens[i]!) };
      return [position - this.#promptTokens, cell] as const;
    });
    return withCells(canvas, added);
  }

  #draw(): void {
    const { columns, rows } = sizeOf(this.#io.stdout);
    const canvas = drawCanvas(this.#canvas, { columns, rows: rows - 3 }, this.#paint);
    const line = progressText(this.#progress).slice(0, columns - 1);
    this.#frames(`${canvas}\n${this.#dim(line)}`);
    this.#canvas = shown(this.#canvas);
  }

  async #finish({ text = "", usage, reason }: DoneEvent): Promise<void> {
    this.close();
    await write(this.#io.stdout, `${printable(text)}\n`);
    await note(this.#io, colors(this.#io, this.#io.stderr, this.#color).dim(summaryText(usage, reason)));
  }
}

/** What log-update sees of a terminal: always a size, as it draws nothing on one of zero rows. */
function framesOn(output: Output): ReturnType<typeof createLogUpdate> {
  const screen = {
    isTTY: true,
    get columns() {
      return sizeOf(output).columns;
    },
    get rows() {
      return sizeOf(output).rows;
    },
    write: (text: string) => output.write(text),
  };
  // It would hide the cursor on standard error, which may be a file: LiveView does it.
  return createLogUpdate(screen as unknown as NodeJS.WritableStream, { showCursor: true });
}

function painter(palette: ChalkInstance): Paint {
  const tones = {
    mask: palette.dim,
    control: palette.dim,
    fresh: palette.bold.whiteBright,
    sure: palette.green,
    likely: palette.yellow,
    unsure: palette.red,
  };
  return (tone, text) => tones[tone](text);
}
