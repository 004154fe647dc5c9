/** The run beside the same tokens with one token per forward, at the same time of the playback. */
import { frameAt, type Recording, seriesOf, type Timeline } from "../run/index.ts";
import {
  isRacing,
  otherLane,
  otherTimeline,
  playback,
  recording,
  replay,
  timeline,
} from "./playbackState.ts";

export function Race() {
  const lane = otherLane.value;
  const laneTimeline = otherTimeline.value;
  const run = recording.value;
  if (!lane || !laneTimeline || !run) return null;
  return (
    <section class="race" aria-label="Race against one token per forward">
      <div class="race-head">
        <h2>Against one token per forward</h2>
        <button
          type="button"
          class="chip"
          onClick={() => {
            isRacing.value = true;
            replay();
          }}
        >
          Race
        </button>
      </div>
      <Lane name="This run" recording={run} timeline={timeline.value} />
      <Lane name="One token per forward" recording={lane} timeline={laneTimeline} />
      <p class="help">
        The second lane is counted, not computed: the same tokens in the same order, each forward as long as
        the mean of this run.
      </p>
    </section>
  );
}

interface LaneProps {
  readonly name: string;
  readonly recording: Recording;
  readonly timeline: Timeline;
}

function Lane({ name, recording, timeline }: LaneProps) {
  const series = seriesOf(recording);
  const last = recording.frameCount - 1;
  const frame = Math.min(last, frameAt(timeline, playback.value.timeMs));
  return (
    <div class="lane">
      <span class="lane-name">{name}</span>
      <progress aria-label={name} max={Math.max(1, last)} value={frame} />
      <span class="lane-count">
        {series.forwards[frame]} of {series.forwards[last]} forwards
      </span>
    </div>
  );
}
