/** The run beside the same tokens with one token per forward, at the same time of the playback. */
import { frameAt, laneNames, type Recording, seriesOf, type Timeline } from "../run/index.ts";
import {
  isRacing,
  otherLane,
  otherTimeline,
  playback,
  recordings,
  replay,
  timelines,
} from "./playbackState.ts";

export function Race() {
  const lane = otherLane.value;
  const laneTimeline = otherTimeline.value;
  if (!lane || !laneTimeline) return null;
  const isPair = recordings.value.length > 1;
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
      {recordings.value.map(
        (run, index) =>
          run && (
            <Lane
              key={index}
              lane={laneNames[index]}
              name={isPair ? `Lane ${laneNames[index]}` : "This run"}
              recording={run}
              timeline={timelines.value[index]!}
            />
          ),
      )}
      <Lane name="One token per forward" recording={lane} timeline={laneTimeline} />
      <p class="help">
        The last one is counted, not computed: the tokens of {isPair ? "lane A" : "this run"} in the same
        order, each forward as long as the mean of its forwards.
      </p>
    </section>
  );
}

interface LaneProps {
  /** Undefined for the lane that is counted. */
  readonly lane?: string | undefined;
  readonly name: string;
  readonly recording: Recording;
  readonly timeline: Timeline;
}

function Lane({ lane, name, recording, timeline }: LaneProps) {
  const series = seriesOf(recording);
  const last = recording.frameCount - 1;
  const frame = Math.min(last, frameAt(timeline, playback.value.timeMs));
  return (
    <div class="lane" data-lane={lane}>
      <span class="lane-name">{name}</span>
      <progress aria-label={name} max={Math.max(1, last)} value={frame} />
      <span class="lane-count">
        {series.forwards[frame]} of {series.forwards[last]} forwards
      </span>
    </div>
  );
}
