/** What charts show, in words. */
import { type ForwardSeries, laneNames } from "../run/index.ts";

/** A sentence for each lane. */
export function describeMasks(lanes: readonly ForwardSeries[]): string {
  return sentences(lanes, ({ masksLeft }) => {
    return `from ${masksLeft[0] ?? 0} masks to ${masksLeft.at(-1) ?? 0} in ${forwardsText(masksLeft)}`;
  });
}

export function describeCommits(lanes: readonly ForwardSeries[]): string {
  return sentences(lanes, ({ commits }) => {
    const own = commits.slice(1);
    const total = own.reduce((sum, count) => sum + count, 0);
    const most = Math.max(0, ...own);
    return `${total} commits in ${forwardsText(commits)}, at most ${most} in one`;
  });
}

function forwardsText({ length }: readonly number[]): string {
  return length === 2 ? "1 forward" : `${Math.max(0, length - 1)} forwards`;
}

function sentences(lanes: readonly ForwardSeries[], of: (lane: ForwardSeries) => string): string {
  return lanes
    .map((lane, index) => (lanes.length > 1 ? `${laneNames[index]}: ${of(lane)}.` : `${of(lane)}.`))
    .join(" ");
}
