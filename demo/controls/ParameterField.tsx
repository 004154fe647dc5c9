/** A field for a declared parameter: its kind, range and help come from the declaration. */
import { useId } from "preact/hooks";
import { accepts, describeParameter, type Parameter } from "../../src/core/index.ts";

interface ParameterFieldProps {
  readonly name: string;
  readonly parameter: Parameter;
  /** Undefined stands for the default. */
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

export function ParameterField({ name, parameter, value, onChange }: ParameterFieldProps) {
  const id = useId();
  const shown = value === undefined ? parameter.default : value;
  const isRefused = !accepts(parameter, shown);
  return (
    <div class="field" data-kind={parameter.kind}>
      <label for={id}>{name}</label>
      <Input id={id} parameter={parameter} value={shown} isRefused={isRefused} onChange={onChange} />
      <p class={isRefused ? "help refused" : "help"} id={`${id}-help`}>
        {isRefused ? `It must be ${describeParameter(parameter)}.` : parameter.help}
      </p>
    </div>
  );
}

interface InputProps extends Omit<ParameterFieldProps, "name"> {
  readonly id: string;
  readonly isRefused: boolean;
}

function Input({ id, parameter, value, isRefused, onChange }: InputProps) {
  const labels = { id, "aria-describedby": `${id}-help`, "aria-invalid": isRefused };
  switch (parameter.kind) {
    case "boolean":
      return (
        <input
          {...labels}
          type="checkbox"
          checked={value === true}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
      );
    case "choice":
      return (
        <select
          {...labels}
          value={value === null ? "" : String(value)}
          onChange={({ currentTarget }) => onChange(currentTarget.value === "" ? null : currentTarget.value)}
        >
          {parameter.nullable && <option value="">off</option>}
          {parameter.choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      );
    case "number": {
      const { minimum, maximum, integer, nullable } = parameter;
      return (
        <input
          {...labels}
          type="number"
          inputMode="decimal"
          min={Number.isFinite(minimum) ? minimum : undefined}
          max={Number.isFinite(maximum) ? maximum : undefined}
          step={integer ? 1 : maximum <= 1 ? 0.05 : "any"}
          placeholder={nullable ? "off" : undefined}
          value={value === null || Number.isNaN(value) ? "" : String(value)}
          onInput={({ currentTarget }) => {
            const empty = nullable ? null : Number.NaN;
            onChange(currentTarget.value === "" ? empty : currentTarget.valueAsNumber);
          }}
        />
      );
    }
  }
}
