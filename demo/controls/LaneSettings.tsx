/** How the next run of a lane decodes: presets, the decoder, the cache, the request's own fields and smoothing. */
import { type EngineInfo, smoothingParameters } from "../../src/core/index.ts";
import type { Lane } from "../run/index.ts";
import { ChoiceFields } from "./ChoiceFields.tsx";
import { cacheDeclarations, decoderDeclarations, laneDeclarations } from "./declarations.ts";
import { ParameterFields } from "./ParameterFields.tsx";
import { applyPreset, change, laneSettings, presetsOf, type Settings } from "./settings.ts";
import { validCaches, whyNoSmoothing } from "./validity.ts";

export function LaneSettings({ info, lane }: { readonly info: EngineInfo; readonly lane: Lane }) {
  const { decoder, cache, smoothing, request } = laneSettings[lane].value;
  const problem = whyNoSmoothing(decoder, info);
  const set = (changed: Partial<Settings>) => change(changed, info, lane);
  return (
    <>
      <fieldset class="presets">
        <legend>Presets</legend>
        {presetsOf(info).map((name) => (
          <button key={name} type="button" class="chip" onClick={() => applyPreset(name, info, lane)}>
            {name}
          </button>
        ))}
      </fieldset>
      <ChoiceFields
        label="Decoder"
        options={info.decoders}
        choice={decoder}
        parameters={decoderDeclarations(decoder, info)}
        onChange={(chosen) => set({ decoder: chosen })}
      />
      <ChoiceFields
        label="Cache"
        options={validCaches(decoder, info)}
        choice={cache}
        parameters={cacheDeclarations(cache)}
        onChange={(chosen) => set({ cache: chosen })}
      />
      <fieldset class="choice">
        <legend>Blocks and sampling</legend>
        <ParameterFields
          parameters={laneDeclarations(info)}
          values={request}
          onChange={(name, value) => set({ request: { ...request, [name]: value } })}
        />
      </fieldset>
      <fieldset class="choice">
        <legend>Smoothing</legend>
        <label class="switch">
          <input
            type="checkbox"
            checked={smoothing !== null}
            disabled={problem !== undefined}
            onChange={({ currentTarget }) => set({ smoothing: currentTarget.checked ? {} : null })}
          />
          Iteration smoothing
        </label>
        <p class="help">
          {problem ??
            "A masked position passes on what the last pass expected there, as a mixture of tokens."}
        </p>
        {smoothing && (
          <ParameterFields
            parameters={smoothingParameters}
            values={smoothing}
            onChange={(name, value) => set({ smoothing: { ...smoothing, [name]: value } })}
          />
        )}
      </fieldset>
    </>
  );
}
