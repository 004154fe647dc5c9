/** A select of declared things, the help of the chosen one, and fields for its parameters. */
import { useId } from "preact/hooks";
import type { Choice, Parameters } from "../../src/core/index.ts";
import { ParameterFields } from "./ParameterFields.tsx";

interface Option {
  readonly name: string;
  readonly help: string;
  readonly source?: string | undefined;
}

interface ChoiceFieldsProps {
  readonly label: string;
  readonly options: readonly Option[];
  readonly choice: Choice;
  readonly parameters: Parameters;
  readonly onChange: (choice: Choice) => void;
}

export function ChoiceFields({ label, options, choice, parameters, onChange }: ChoiceFieldsProps) {
  const id = useId();
  const chosen = options.find(({ name }) => name === choice.name);
  return (
    <fieldset class="choice">
      <legend>
        <label for={id}>{label}</label>
      </legend>
      <select
        id={id}
        value={choice.name}
        aria-describedby={`${id}-help`}
        onChange={({ currentTarget }) => onChange({ name: currentTarget.value })}
      >
        {options.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <p class="help" id={`${id}-help`}>
        {chosen?.help} {chosen?.source && <span class="source">{chosen.source}</span>}
      </p>
      <ParameterFields
        parameters={parameters}
        values={choice}
        onChange={(name, value) => onChange({ ...choice, [name]: value })}
      />
    </fieldset>
  );
}
