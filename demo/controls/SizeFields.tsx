/** The sizes that a model can be loaded with: types of weights, of keys and values, and positions. */
import type { Fit, SizeOptions } from "../../src/core/index.ts";
import { bytesText } from "./units.ts";

interface SizeFieldsProps {
  readonly fits: readonly Fit[];
  readonly fit: Fit;
  readonly onPick: (fit: Fit) => void;
}

export function SizeFields({ fits, fit, onPick }: SizeFieldsProps) {
  /** The choices that differ from the present one at most in this size. */
  const along = (size: Size) => fits.filter(({ options }) => differences(options, fit.options, size) === 0);
  const pick = (size: Size, value: string) => {
    const found = along(size).find(({ options }) => String(options[size]) === value);
    if (found) onPick(found);
  };
  return (
    <>
      <Field
        label="Weights"
        value={fit.options.quantize}
        options={along("quantize").map(({ options, weightBytes }) => ({
          value: options.quantize,
          text: `${options.quantize === "none" ? "as stored" : `quantized, ${options.quantize}`}: ${bytesText(weightBytes)}`,
        }))}
        onChange={(value) => pick("quantize", value)}
      />
      <Field
        label="Positions"
        value={fit.context}
        options={along("context").map(({ context }) => ({ value: context, text: String(context) }))}
        onChange={(value) => pick("context", value)}
      />
      <Field
        label="Keys and values"
        value={fit.options.cacheDType}
        options={along("cacheDType").map(({ options, cacheBytes }) => ({
          value: options.cacheDType,
          text: `${options.cacheDType}: ${bytesText(cacheBytes)}`,
        }))}
        onChange={(value) => pick("cacheDType", value)}
      />
    </>
  );
}

const sizes = ["quantize", "cacheDType", "context"] as const;
type Size = (typeof sizes)[number];

function differences(a: SizeOptions, b: SizeOptions, except: Size): number {
  return sizes.filter((size) => size !== except && a[size] !== b[size]).length;
}

interface FieldProps {
  readonly label: string;
  readonly value: string | number | undefined;
  readonly options: readonly { readonly value: string | number | undefined; readonly text: string }[];
  readonly onChange: (value: string) => void;
}

function Field({ label, value, options, onChange }: FieldProps) {
  return (
    <label class="size-field">
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </label>
  );
}
