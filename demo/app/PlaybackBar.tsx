/** Buttons and a slider that move through the frames of a run. */
import { laneNames, maxSpeed } from "../run/index.ts";
import {
  commonIndex,
  commonTimeline,
  frameIndexes,
  isMoving,
  type Pace,
  pace,
  pausePlayback,
  playback,
  playOn,
  recordings,
  setPace,
  setSpeed,
  showCommonFrame,
  step,
} from "./playbackState.ts";

const speeds = [0.25, 0.5, 1, 2, 4, 8, maxSpeed] as const;

export function PlaybackBar() {
  const last = commonTimeline.value.starts.length - 1;
  const index = commonIndex.value;
  const shown = passText();
  const isEmpty = recordings.value[0] === undefined;
  return (
    <div class="playback">
      <div class="buttons">
        <button type="button" aria-label="One pass back" disabled={isEmpty} onClick={() => step(-1)}>
          ‹
        </button>
        <button
          type="button"
          class="play"
          disabled={isEmpty}
          onClick={() => (isMoving.value ? pausePlayback() : playOn())}
        >
          {isMoving.value ? "Pause" : "Play"}
        </button>
        <button type="button" aria-label="One pass on" disabled={isEmpty} onClick={() => step(1)}>
          ›
        </button>
      </div>
      <input
        type="range"
        aria-label="Pass"
        aria-valuetext={shown}
        min={0}
        max={last}
        step={1}
        value={index}
        disabled={isEmpty}
        onInput={({ currentTarget }) => showCommonFrame(currentTarget.valueAsNumber)}
      />
      <output class="pass">{shown}</output>
      <select
        aria-label="Pace"
        value={pace.value}
        onChange={({ currentTarget }) => setPace(currentTarget.value as Pace)}
      >
        <option value="steady">8 passes/s</option>
        <option value="measured">as measured</option>
      </select>
      <select
        aria-label="Speed"
        value={String(playback.value.speed)}
        onChange={({ currentTarget }) => setSpeed(Number(currentTarget.value))}
      >
        {speeds.map((each) => (
          <option key={each} value={String(each)}>
            × {each}
          </option>
        ))}
      </select>
    </div>
  );
}

/** With two lanes, the pass of each. */
function passText(): string {
  const texts = frameIndexes.value.map((frame, lane) => {
    const last = (recordings.value[lane]?.frameCount ?? 1) - 1;
    return `${Math.max(0, frame)}/${last}`;
  });
  if (texts.length < 2) return `pass ${texts[0] ?? "0/0"}`;
  return texts.map((text, lane) => `${laneNames[lane]} ${text}`).join(" · ");
}
