/** A frame as text. */
import { textRuns } from "../canvas/index.ts";
import type { Frame } from "../run/index.ts";

export function TextView({ frame }: { readonly frame: Frame }) {
  return (
    <p class="text-view">
      {textRuns(frame, { showsPrompt: false, showsGuesses: true }).map(({ text, className, start }) => (
        <span key={start} class={className}>
          {text}
        </span>
      ))}
    </p>
  );
}
