import type { Turn } from "../chat/index.ts";

export function Turns({ turns }: { readonly turns: readonly Turn[] }) {
  return (
    <ol>
      {turns.map(({ prompt, answer }, index) => (
        // A turn keeps its place.
        <li key={index}>
          <p class="turn asked">
            <span class="who">You </span>
            {prompt}
          </p>
          <p class="turn answered">
            <span class="who">Model </span>
            {answer === undefined ? "…" : answer === "" ? <i>An empty answer</i> : answer}
          </p>
        </li>
      ))}
    </ol>
  );
}
