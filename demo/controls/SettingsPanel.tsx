/** How the next runs decode: the settings of each lane, and what the lanes share. */
import { useSignal } from "@preact/signals";
import type { EngineInfo } from "../../src/core/index.ts";
import { type Lane, laneNames } from "../run/index.ts";
import { sharedDeclarations } from "./declarations.ts";
import { LaneSettings } from "./LaneSettings.tsx";
import { ParameterFields } from "./ParameterFields.tsx";
import { activeLanes, isComparing, shared } from "./settings.ts";

export function SettingsPanel({ info }: { readonly info: EngineInfo }) {
  const chosen = useSignal<Lane>(0);
  const lane = isComparing.value ? chosen.value : 0;
  return (
    <div class="settings">
      <div class="settings-head">
        <h2>Settings</h2>
        {isComparing.value && (
          <fieldset class="segmented">
            <legend>of lane</legend>
            {activeLanes.value.map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={each === lane}
                onClick={() => {
                  chosen.value = each;
                }}
              >
                {laneNames[each]}
              </button>
            ))}
          </fieldset>
        )}
      </div>
      <LaneSettings info={info} lane={lane} />
      <fieldset class="choice">
        <legend>Length and seed{isComparing.value && ", of both lanes"}</legend>
        <ParameterFields
          parameters={sharedDeclarations(info)}
          values={shared.value}
          onChange={(name, value) => {
            shared.value = { ...shared.value, [name]: value };
          }}
        />
      </fieldset>
    </div>
  );
}
