/** Buttons and a slider that move through the frames of a run. */

import { growth } from "../engine/runState.ts";
import { maxSpeed } from "../run/index.ts";
import {
  frameIndex,
  type Pace,
  pace,
  pausePlayback,
  playback,
  playOn,
  recording,
  setPace,
  setSpeed,
  showFrame,
  step,
} from "./playbackState.ts";

const speeds = [0.25, 0.5, 1, 2, 4, 8, maxSpeed] as const;

export function PlaybackBar() {
  void growth.value;
  const last = (recording.value?.frameCount ?? 1) - 1;
  const frame = Math.max(0, frameIndex.value);
  const { isPlaying, speed } = playback.value;
  const isEmpty = recording.value === undefined;
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
          onClick={() => (isPlaying ? pausePlayback() : playOn())}
        >
          {isPlaying ? "Pause" : "Play"}
        </button>
        <button type="button" aria-label="One pass on" disabled={isEmpty} onClick={() => step(1)}>
          ›
        </button>
      </div>
      <input
        type="range"
        aria-label="Pass"
        aria-valuetext={`Pass ${frame} of ${last}`}
        min={0}
        max={last}
        step={1}
        value={frame}
        disabled={isEmpty}
        onInput={({ currentTarget }) => showFrame(currentTarget.valueAsNumber)}
      />
      <output class="pass">
        pass {frame}/{last}
      </output>
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
        value={String(speed)}
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
