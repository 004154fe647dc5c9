/** Makes an animated picture of the run that is shown. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { pace, playback, timeline } from "../../app/playbackState.ts";
import { ProblemNote } from "../../controls/ProblemNote.tsx";
import { bytesText } from "../../controls/units.ts";
import { problemOf } from "../../engine/problem.ts";
import type { Run } from "../../engine/runState.ts";
import { fileName } from "../fileName.ts";
import { promptText } from "../promptText.ts";
import { saveFile } from "../saveFile.ts";
import { makePicture } from "./makePicture.ts";
import { presentScheme, type Scheme, schemeColors, schemes } from "./scheme.ts";

type Making =
  | { readonly phase: "none" }
  | { readonly phase: "making"; readonly share: number }
  | { readonly phase: "ready"; readonly picture: Blob; readonly address: string }
  | { readonly phase: "failed"; readonly error: unknown };

const schemeNames: Readonly<Record<Scheme, string>> = { light: "Light", dark: "Dark" };

export function PicturePanel({ run }: { readonly run: Run }) {
  const scheme = useSignal(presentScheme());
  const making = useSignal<Making>({ phase: "none" });
  const controller = useRef<AbortController | undefined>(undefined);
  const clear = () => {
    controller.current?.abort();
    const { value } = making;
    if (value.phase === "ready") URL.revokeObjectURL(value.address);
    making.value = { phase: "none" };
  };
  // Another run has no picture yet.
  useEffect(() => clear, [run.recording]);

  const make = async () => {
    clear();
    const own = new AbortController();
    controller.current = own;
    making.value = { phase: "making", share: 0 };
    try {
      const picture = await makePicture(requestOf(run, scheme.value), {
        signal: own.signal,
        onProgress: (share) => {
          if (!own.signal.aborted) making.value = { phase: "making", share };
        },
      });
      if (!own.signal.aborted)
        making.value = { phase: "ready", picture, address: URL.createObjectURL(picture) };
    } catch (error) {
      if (!own.signal.aborted) making.value = { phase: "failed", error };
    }
  };

  const { value } = making;
  return (
    <section class="picture" aria-label="Animated picture">
      <div class="buttons">
        <fieldset class="segmented">
          <legend>Colours</legend>
          {schemes.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={scheme.value === name}
              onClick={() => {
                scheme.value = name;
              }}
            >
              {schemeNames[name]}
            </button>
          ))}
        </fieldset>
        {value.phase === "making" ? (
          <button type="button" onClick={clear}>
            Cancel
          </button>
        ) : (
          <button type="button" disabled={run.status === "running"} onClick={() => void make()}>
            Make GIF
          </button>
        )}
        {value.phase === "making" && <progress aria-label="Picture" max={1} value={value.share} />}
        {value.phase === "ready" && (
          <>
            <button
              type="button"
              onClick={() => saveFile(value.picture, fileName(promptText(run.request), "gif"))}
            >
              Save GIF
            </button>
            <span class="help">{bytesText(value.picture.size)}</span>
          </>
        )}
      </div>
      <p class="help">
        {run.status === "running"
          ? "A picture can be made when the run has ended."
          : `The whole run at the pace and speed of the playback (${pace.value === "steady" ? "8 passes/s" : "as measured"}, × ${playback.value.speed}). It repeats.`}
      </p>
      {value.phase === "ready" && (
        <img src={value.address} alt={`${promptText(run.request)}: masks turn into text, pass by pass`} />
      )}
      {value.phase === "failed" && <ProblemNote problem={problemOf(value.error)} />}
    </section>
  );
}

function requestOf({ header, request, recording }: Run, scheme: Scheme) {
  const { events, texts } = recording;
  return {
    trace: { header, events, texts },
    timeline: timeline.value,
    speed: playback.value.speed,
    caption: { prompt: promptText(request), decoder: header.choices.decoder.name },
    style: { scheme, colors: schemeColors(scheme), colorBy: "confidence" as const },
  };
}
