import { expect, test } from "vitest";
import { torchTopK } from "./torchTopK.ts";

// By a C++ program with libstdc++'s partial_sort and nth_element, on scores (7 i^2 + 3 i) mod 11 mod `levels`.
test.each([
  [31, 2, 1, [20, 21]],
  [31, 2, 3, [13, 19]],
  [23, 7, 2, [2, 4, 7, 13, 15, 16, 18]],
  [40, 20, 4, [1, 3, 4, 5, 6, 12, 15, 16, 19, 23, 25, 26, 27, 28, 30, 34, 36, 37, 38, 39]],
  [100, 5, 2, [35, 37, 38, 79, 82]],
  [130, 2, 2, [2, 4]],
  [200, 3, 3, [1, 2, 7]],
  [300, 4, 1, [0, 1, 2, 3]],
  [500, 7, 5, [10, 21, 32, 43, 54, 65, 76]],
  [9, 9, 2, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
  [3, 1, 1, [0]],
  [64, 1, 2, [2]],
])("of %i scores the %i highest, of %i levels", (count, k, levels, indices) => {
  const scores = Array.from({ length: count }, (_, i) => ((7 * i * i + 3 * i) % 11) % levels);
  expect([...torchTopK(scores, k)].sort((a, b) => a - b)).toEqual(indices);
});
