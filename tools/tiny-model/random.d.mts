export class Random {
  constructor(seed: number);
  next(): number;
  between(low: number, high: number): number;
  shuffled<T>(list: readonly T[]): T[];
}
