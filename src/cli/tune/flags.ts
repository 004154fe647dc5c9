/** Settings as options of the command line. */
import type { Settings } from "../../eval/tune/settings.ts";
import { flagOf, type OptionKind, type Vocabulary } from "../options.ts";

/** For example `--decoder entropyBound --gamma 0.1 --block-length 128`. */
export function settingsFlags(
  { decoder, cache, smoothing, ...request }: Settings,
  { options }: Vocabulary,
): string {
  const flagsOf = (kind: OptionKind, values: Readonly<Record<string, unknown>>) =>
    Object.entries(values).map(([parameter, value]) => {
      const option = options.find((each) => each.kind === kind && each.parameter === parameter);
      const flag = option?.flag ?? flagOf(parameter);
      if (typeof value !== "boolean") return `${flag} ${String(value)}`;
      return value ? flag : flag.replace("--", "--no-");
    });
  const chosen = (kind: "decoder" | "cache", { name, ...values }: Settings["decoder"]) => [
    `--${kind} ${name}`,
    ...flagsOf(kind, values),
  ];
  return [
    ...chosen("decoder", decoder),
    ...(cache ? chosen("cache", cache) : []),
    ...(smoothing ? ["--smoothing", ...flagsOf("smoothing", smoothing)] : []),
    ...flagsOf("request", request as Readonly<Record<string, unknown>>),
  ].join(" ");
}
