import { candidateLayout, candidateListLayout } from "../../layout/index.ts";

/** Words of the `count` best tokens of a row. */
export function candidateWords(count: number): number {
  return candidateListLayout.words + count * candidateLayout.words;
}

/** Words of the best tokens of a row of this head request; 0 where it wants none. */
export function candidateWordsOf({ top }: { readonly top?: number | undefined }): number {
  return top === undefined ? 0 : candidateWords(top);
}
