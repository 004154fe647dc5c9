import { candidateLayout, candidateListLayout } from "../../layout/index.ts";

/** Words of the `count` best tokens of a row. */
export function candidateWords(count: number): number {
  return candidateListLayout.words + count * candidateLayout.words;
}
