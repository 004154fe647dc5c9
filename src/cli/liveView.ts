/** Displays an answer on a terminal: first the canvas during decoding, then the text in its place. */
import type { ChalkInstance } from "chalk";
import { createLogUpdate } from "log-update";
import type { DoneEvent, GenerateEvent, StartEvent, StepEvent } from "../core/index.ts";
import {
  type Canvas,
  drawCanvas,
  extendedTo,
  maskedCanvas,
  type Paint,
  shown,
  withCells,
  withMasks,
} from "./canvas.ts";
import { type Io, type Output, write } from "./io.ts";
import { type Progress, progressText, summaryText } from "./progressText.ts";
import { note } from "./statusLine.ts";
import { colors, hideCursor, printable, showCursor, sizeOf } from "./terminal.ts";
import { Throttle } from "./throttle.ts";
import type { AnswerView } from "./view.ts";

const frameMs = 1000 / 30;

const noProgress: Progress = { block: 0, blocks: 0, committed: 0, total: 0, forwards: 0, elapsedMs: 0 };

/** The display of single tokens. */
export interface TokenDisplay {
  text(token: number): string;
  /** Whether the token is a control token, such as an end-of-sequence token. */
  isControl(token: number): boolean;
}

export interface LiveViewOptions {
  /** False disables colours. */
  readonly color: boolean | undefined;
  readonly tokens: TokenDisplay;
  /** The clock for rates, in ms; by default the process's clock. */
  readonly now?: () => number;
  /** An additional line below the progress. */
  readonly footer?: () => string;
}

export class LiveView implements AnswerView {
  readonly #io: Io;
  readonly #color: boolean | undefined;
  readonly #tokens: TokenDisplay;
  readonly #paint: Paint;
  readonly #dim: (text: string) => string;
  readonly #now: () => number;
  readonly #footer: (() => string) | undefined;
  readonly #frames: ReturnType<typeof createLogUpdate>;
  readonly #throttle = new Throttle(() => this.#draw(), frameMs);
  #canvas: Canvas = maskedCanvas(0);
  #promptTokens = 0;
  #progress: Progress = noProgress;
  #startedAt = 0;
  #open = false;

  constructor(io: Io, { color, tokens, now = () => performance.now(), footer }: LiveViewOptions) {
    const palette = colors(io, io.stdout, color);
    this.#io = io;
    this.#color = color;
    this.#tokens = tokens;
    this.#paint = painter(palette);
    this.#dim = palette.dim;
    this.#now = now;
    this.#footer = footer;
    this.#frames = framesOn(io.stdout);
  }

  async show(event: GenerateEvent): Promise<void> {
    if (event.type === "done") return this.#finish(event);
    this.#apply(event);
    this.#throttle.request();
  }

  /** Rewinds the display to its state after these events. @param events all events from the start up to that state */
  async rewind(events: readonly GenerateEvent[]): Promise<void> {
    for (const event of events) this.#apply(event);
    this.refresh();
  }

  /** Redraws, for example after the footer has changed. */
  refresh(): void {
    if (this.#open) this.#throttle.request();
  }

  #apply(event: GenerateEvent): void {
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
    }
    this.#progress = { ...this.#progress, elapsedMs: this.#now() - this.#startedAt };
  }

  /** Leaves the last frame of an interrupted answer on the terminal. */
  close(): void {
    if (!this.#open) return;
    this.#draw();
    this.#frames.done();
    this.#end();
  }

  #end(): void {
    this.#throttle.stop();
    this.#open = false;
    this.#io.stdout.write(showCursor);
  }

  #start({ genLength, promptTokens, canvas, undecided }: StartEvent): void {
    this.#promptTokens = promptTokens;
    const open = new Set(undecided);
    const positions = [...canvas.keys()].filter((position) => !open.has(position));
    const tokens = positions.map((position) => canvas[position]!);
    this.#canvas = shown(this.#placed(maskedCanvas(genLength), { positions, tokens, confidences: [] }));
    this.#progress = { ...noProgress, total: genLength };
    if (this.#open) return;
    this.#startedAt = this.#now();
    this.#open = true;
    this.#io.stdout.write(hideCursor);
  }

  #step(event: StepEvent): void {
    const written = this.#placed(this.#placed(this.#canvas, event), event.edits);
    const revoked = event.revoked?.map((position) => position - this.#promptTokens);
    this.#canvas = revoked ? withMasks(written, revoked) : written;
    const blockLength = Math.max(1, event.block.end - event.block.start);
    const { blocks, forwards } = this.#progress;
    this.#progress = {
      ...this.#progress,
      forwards: forwards + (event.prefill ? 0 : 1),
      // The length of the first block determines the count: the last block can be shorter.
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
    const texts = [progressText(this.#progress), ...(this.#footer ? [this.#footer()] : [])];
    const lines = texts.map((text) => this.#dim(text.slice(0, columns - 1)));
    const canvas = drawCanvas(this.#canvas, { columns, rows: rows - 2 - lines.length }, this.#paint);
    this.#frames([canvas, ...lines].join("\n"));
    this.#canvas = shown(this.#canvas);
  }

  async #finish({ text = "", usage, reason }: DoneEvent): Promise<void> {
    if (this.#open) {
      this.#frames.clear();
      this.#end();
    }
    await write(this.#io.stdout, `${printable(text)}\n`);
    await note(this.#io, colors(this.#io, this.#io.stderr, this.#color).dim(summaryText(usage, reason)));
  }
}

/** Adapts the terminal for log-update, which draws nothing on a terminal of zero rows. */
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
  // log-update would hide the cursor on standard error, which may be a file: LiveView hides it on standard output.
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
