/**
 * `torch.topk` on a CPU, including its choice among equal scores. Published samplers select positions with it, and their results
 * depend on that choice when probabilities round to 1. torch uses libstdc++'s `partial_sort` if k is small, and otherwise
 * `nth_element`. This module makes the same comparisons and swaps.
 * Source: PyTorch, aten/src/ATen/native/TopKImpl.h; GCC, bits/stl_algo.h and bits/stl_heap.h.
 */

/** The indices of the k highest scores, in no particular order. `scores` must not contain NaN. */
export function torchTopK(scores: ArrayLike<number>, k: number): readonly number[] {
  const selection = new Selection(scores);
  if (64 * k <= scores.length) selection.selectByHeap(0, k, scores.length);
  else selection.partition(k - 1);
  return selection.order.slice(0, k);
}

class Selection {
  /** Indices of the scores, in the current order. */
  readonly order: number[];
  readonly #scores: ArrayLike<number>;

  constructor(scores: ArrayLike<number>) {
    this.#scores = scores;
    this.order = Array.from({ length: scores.length }, (_, index) => index);
  }

  /** Whether the score at place `a` of the order is higher than that at place `b`. */
  #before(a: number, b: number): boolean {
    return this.#higher(this.order[a]!, this.order[b]!);
  }
  #higher(a: number, b: number): boolean {
    return this.#scores[a]! > this.#scores[b]!;
  }
  #swap(a: number, b: number): void {
    [this.order[a], this.order[b]] = [this.order[b]!, this.order[a]!];
  }

  /** Introselect: orders the scores so that those before place `nth` are not lower, and those after it not higher. */
  partition(nth: number): void {
    let first = 0;
    let last = this.order.length;
    let depth = 2 * Math.floor(Math.log2(last));
    while (last - first > 3) {
      if (depth-- === 0) {
        this.selectByHeap(first, nth + 1, last);
        this.#swap(first, nth);
        return;
      }
      const cut = this.#split(first, last);
      if (cut <= nth) first = cut;
      else last = cut;
    }
    this.#insertionSort(first, last);
  }

  /** Partitions [first, last) by the median of three, which is moved to the front. Returns the start of the second part. */
  #split(first: number, last: number): number {
    this.#medianToFront(first, first + 1, first + Math.floor((last - first) / 2), last - 1);
    let left = first + 1;
    let right = last;
    for (;;) {
      while (this.#before(left, first)) left++;
      right--;
      while (this.#before(first, right)) right--;
      if (left >= right) return left;
      this.#swap(left++, right);
    }
  }

  #medianToFront(front: number, a: number, b: number, c: number): void {
    const [low, high] = this.#before(a, b) ? [a, b] : [b, a];
    if (this.#before(high, c)) this.#swap(front, high);
    else if (this.#before(low, c)) this.#swap(front, c);
    else this.#swap(front, low);
  }

  #insertionSort(first: number, last: number): void {
    for (let next = first + 1; next < last; next++) {
      const moved = this.order[next]!;
      let at = next;
      while (at > first && this.#higher(moved, this.order[at - 1]!)) {
        this.order[at] = this.order[at - 1]!;
        at--;
      }
      this.order[at] = moved;
    }
  }

  /** Moves the highest scores of [first, last) to [first, middle), as a heap with the lowest of them on top. */
  selectByHeap(first: number, middle: number, last: number): void {
    const length = middle - first;
    for (let parent = Math.floor(length / 2) - 1; parent >= 0; parent--)
      this.#sift(first, parent, length, this.order[first + parent]!);
    for (let next = middle; next < last; next++) {
      if (!this.#before(next, first)) continue;
      const entering = this.order[next]!;
      this.order[next] = this.order[first]!;
      this.#sift(first, 0, length, entering);
    }
  }

  /** Moves the hole at `hole` down to a leaf, then inserts `value` there and moves it up. */
  #sift(first: number, hole: number, length: number, value: number): void {
    const top = hole;
    let child = hole;
    while (child < Math.floor((length - 1) / 2)) {
      child = 2 * (child + 1);
      if (this.#before(first + child, first + child - 1)) child--;
      this.order[first + hole] = this.order[first + child]!;
      hole = child;
    }
    if (length % 2 === 0 && child === Math.floor((length - 2) / 2)) {
      child = 2 * child + 1;
      this.order[first + hole] = this.order[first + child]!;
      hole = child;
    }
    let parent = Math.floor((hole - 1) / 2);
    while (hole > top && this.#higher(this.order[first + parent]!, value)) {
      this.order[first + hole] = this.order[first + parent]!;
      hole = parent;
      parent = Math.floor((hole - 1) / 2);
    }
    this.order[first + hole] = value;
  }
}
