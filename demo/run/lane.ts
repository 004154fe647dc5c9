/** A page shows one run, or two side by side: each is a lane. */
export type Lane = 0 | 1;

export const laneNames = ["A", "B"] as const;
