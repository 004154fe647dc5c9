/** The numbers of each lane by frame. They change when a recording grows, and not while it is played. */
import { computed } from "@preact/signals";
import { growth } from "../engine/runState.ts";
import { byForward, type Series, seriesOf } from "../run/index.ts";
import { recordings } from "./playbackState.ts";

/** By lane; undefined before the first frame. */
export const laneSeries = computed((): readonly (Series | undefined)[] => {
  void growth.value;
  return recordings.value.map((recording) => recording && seriesOf(recording));
});

/** By lane, the same numbers by forward. */
export const forwardSeries = computed(() =>
  laneSeries.value.map((series) => (series ? byForward(series) : { frames: [], masksLeft: [], commits: [] })),
);
