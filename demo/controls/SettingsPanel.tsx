/** How the next run decodes: presets, the decoder, the cache, smoothing and the request's own fields. */
import { type EngineInfo, smoothingParameters } from "../../src/core/index.ts";
import { ChoiceFields } from "./ChoiceFields.tsx";
import { ParameterFields } from "./ParameterFields.tsx";
import {
  applyPreset,
  cacheDeclarations,
  change,
  decoderDeclarations,
  presetsOf,
  requestDeclarations,
  settings,
} from "./settings.ts";
import { validCaches, whyNoSmoothing } from "./validity.ts";

export function SettingsPanel({ info }: { readonly info: EngineInfo }) {
  const { decoder, cache, smoothing, request } = settings.value;
  const problem = whyNoSmoothing(decoder, info);
  return (
    <div class="settings">
      <h2>Settings</h2>
      <fieldset class="presets">
        <legend>Presets</legend>
        {presetsOf(info).map((name) => (
          <button key={name} type="button" class="chip" onClick={() => applyPreset(name, info)}>
            {name}
          </button>
        ))}
      </fieldset>
      <ChoiceFields
        label="Decoder"
        options={info.decoders}
        choice={decoder}
        parameters={decoderDeclarations(decoder, info)}
        onChange={(chosen) => change({ decoder: chosen }, info)}
      />
      <ChoiceFields
        label="Cache"
        options={validCaches(decoder, info)}
        choice={cache}
        parameters={cacheDeclarations(cache)}
        onChange={(chosen) => change({ cache: chosen }, info)}
      />
      <fieldset class="choice">
        <legend>Length and sampling</legend>
        <ParameterFields
          parameters={requestDeclarations(info)}
          values={request}
          onChange={(name, value) => change({ request: { ...request, [name]: value } }, info)}
        />
      </fieldset>
      <fieldset class="choice">
        <legend>Smoothing</legend>
        <label class="switch">
          <input
            type="checkbox"
            checked={smoothing !== null}
            disabled={problem !== undefined}
            onChange={({ currentTarget }) => change({ smoothing: currentTarget.checked ? {} : null }, info)}
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
            onChange={(name, value) => change({ smoothing: { ...smoothing, [name]: value } }, info)}
          />
        )}
      </fieldset>
    </div>
  );
}
