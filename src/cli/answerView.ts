/** Displays the events of an answer on a terminal, in a pipe, or as JSON. */
import type { Engine } from "../core/index.ts";
import { type Io, write } from "./io.ts";
import { recoveredText, summaryText } from "./progressText.ts";
import { note } from "./statusLine.ts";
import { colors, isLive } from "./terminal.ts";
import type { AnswerView, ViewOptions } from "./view.ts";

/** Chooses the view for the output streams and the options. The live view is imported when it is shown, as it takes long. */
export async function answerView(io: Io, engine: Engine, options: ViewOptions): Promise<AnswerView> {
  if (options.json) return jsonView(io);
  const { tokenizer, model } = engine;
  const control = new Set([...(tokenizer?.specialIds ?? []), ...model.stopTokens]);
  if (!isLive(io)) return plainView(io, options);
  const tokens = {
    text: (token: number) => tokenizer?.tokenText(token) ?? "",
    isControl: (token: number) => control.has(token),
  };
  const { LiveView } = await import("./liveView.ts");
  return new LiveView(io, { color: options.color, tokens });
}

/** Prints each event as one line of JSON. */
function jsonView(io: Io): AnswerView {
  return {
    show: (event) => write(io.stdout, `${JSON.stringify(event)}\n`),
    close() {},
  };
}

/** Prints only the text, block by block. The text of an infilling is printed once all holes are filled. */
function plainView(io: Io, { verbose, color }: ViewOptions): AnswerView {
  const dim = (text: string) => colors(io, io.stderr, color).dim(text);
  return {
    async show(event) {
      if (event.type === "recovered" && verbose) await note(io, dim(recoveredText(event)));
      if (event.type === "block" && event.text) await write(io.stdout, event.text);
      if (event.type !== "done") return;
      await write(io.stdout, `${event.holes ? (event.text ?? "") : ""}\n`);
      if (verbose) await note(io, dim(summaryText(event.usage, event.reason)));
    },
    close() {},
  };
}
