/** Reads a complete stream of server-sent events. */
import type { Json } from "./tiny.ts";

export interface SentEvent {
  readonly event: string | undefined;
  /** Parsed JSON, or the string `[DONE]`. */
  readonly data: Json;
}

export function parseEvents(text: string): readonly SentEvent[] {
  return text
    .split("\n\n")
    .filter((block) => block !== "" && !block.startsWith(":"))
    .map((block) => {
      const field = (name: string) =>
        block
          .split("\n")
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      const data = field("data")!;
      return { event: field("event"), data: data === "[DONE]" ? data : JSON.parse(data) };
    });
}

export async function eventsOf(response: Response): Promise<readonly SentEvent[]> {
  return parseEvents(await response.text());
}

/** The chunks of the answer, without other events. */
export function chunksOf(events: readonly SentEvent[]): readonly Json[] {
  return events.filter(({ event, data }) => event === undefined && data !== "[DONE]").map(({ data }) => data);
}

/** The text of a choice, for chat and for completions. */
export function textOf(chunks: readonly Json[], index = 0): string {
  return chunks
    .flatMap(({ choices }) => choices)
    .filter((choice) => choice.index === index)
    .map((choice) => choice.delta?.content ?? choice.text ?? "")
    .join("");
}
