/** Assembles the text of a shader from its file and its includes, some of which come in several forms. */
import { bug } from "../../core/error.ts";
import type { KernelVariant } from "../gpu/kernel.ts";
import { shaderSources } from "./shaders.generated.ts";

export type ShaderName = Exclude<keyof typeof shaderSources, `include/${string}`>;
/** The forms of includes: `{ weights: "bf16" }` takes include/weights.bf16. */
export type ShaderVariant = KernelVariant;

const includeLine = /^\/\/ include: ([\w-]+)$/;

/** The names of all shaders. */
export const shaderNames = Object.keys(shaderSources).filter(
  (name) => !name.startsWith("include/"),
) as ShaderName[];

/** WGSL of a shader. The `enable` and `requires` lines of includes come first, as the language requires. */
export function shaderText(name: ShaderName, variant: ShaderVariant = {}): string {
  const directives = new Set<string>();
  const lines: string[] = [];
  const add = (key: string) => {
    const source = (shaderSources as Readonly<Record<string, string>>)[key];
    if (source === undefined) throw bug(`There is no shader '${key}'`);
    for (const line of source.split("\n")) {
      const include = includeLine.exec(line)?.[1];
      if (include !== undefined)
        add(`include/${variant[include] ? `${include}.${variant[include]}` : include}`);
      else if (/^(enable|requires) /.test(line)) directives.add(line);
      else lines.push(line);
    }
  };
  add(name);
  return [...directives, ...lines].join("\n");
}
