import type { Problem } from "../engine/problem.ts";

export function ProblemNote({ problem }: { readonly problem: Problem }) {
  return (
    <div class="problem" role="alert">
      <p>{problem.message}</p>
      <p class="advice">{problem.advice}</p>
    </div>
  );
}
