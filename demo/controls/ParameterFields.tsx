/** Fields for a set of declared parameters. */
import type { Parameters } from "../../src/core/index.ts";
import { ParameterField } from "./ParameterField.tsx";

interface ParameterFieldsProps {
  readonly parameters: Parameters;
  readonly values: Readonly<Record<string, unknown>>;
  readonly onChange: (name: string, value: unknown) => void;
}

export function ParameterFields({ parameters, values, onChange }: ParameterFieldsProps) {
  return Object.entries(parameters).map(([name, parameter]) => (
    <ParameterField
      key={name}
      name={name}
      parameter={parameter}
      value={values[name]}
      onChange={(value) => onChange(name, value)}
    />
  ));
}
