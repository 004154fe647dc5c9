/** Reads rotary positions from a config.json: top-level fields and `rope_scaling`, or `rope_parameters` of transformers 5. */
import type { ConfigReader } from "./configReader.ts";
import type { RopeScaling, RotaryPositions } from "./ropeScaling.ts";

export interface RotaryDefaults {
  /** Default of `rope_theta`; without a default config.json must have the field. */
  readonly ropeTheta?: number;
  /** Default of the rotated fraction of each head; without a default config.json must have the field. */
  readonly rotaryFraction?: number;
}

/**
 * @param headDimension elements of a head
 * @throws DiffusionError `unsupported` for an unknown kind of scaling, `invalid-file`
 */
export function readRotary(
  config: ConfigReader,
  headDimension: number,
  defaults: RotaryDefaults,
): RotaryPositions {
  const parameters = config.optionalSection("rope_parameters");
  const readerOf = (field: string) => (parameters?.has(field) ? parameters : config);
  const fractions = readerOf("partial_rotary_factor");
  const fraction =
    fractions.has("partial_rotary_factor") || !config.has("rotary_dim")
      ? fractions.positive("partial_rotary_factor", defaults.rotaryFraction)
      : undefined;
  const rotaryDimension = fraction === undefined ? config.count("rotary_dim") : fraction * headDimension;
  config.only("rotary_dim", rotaryDimension);
  const ropeTheta = readerOf("rope_theta").positive("rope_theta", defaults.ropeTheta);
  const ropeScaling = readScaling(config, parameters);
  // YaRN divides by the logarithm of theta.
  if (ropeScaling?.kind === "yarn" && ropeTheta === 1)
    throw config.fail("must have another 'rope_theta' for YaRN: found 1");
  if (ropeScaling?.kind === "divisors" && ropeScaling.divisors.length !== rotaryDimension / 2) {
    throw config.fail(
      `must have ${rotaryDimension / 2} divisors of rotary frequencies: found ${ropeScaling.divisors.length}`,
    );
  }
  return { rotaryDimension, ropeTheta, ropeScaling };
}

/** Refuses every scaling of rotary positions, for families whose code has none. */
export function refuseRopeScaling(config: ConfigReader): void {
  const scaling = readScaling(config, config.optionalSection("rope_parameters"));
  const field = config.optionalSection("rope_scaling") ? "rope_scaling" : "rope_parameters";
  if (scaling) throw config.unsupported(field, "without a scaling", scaling.kind);
}

/**
 * The maximum number of positions: `max_position_embeddings`, or, if larger, the context that YaRN extends the given original
 * context to. Published configurations enable YaRN without a change of `max_position_embeddings`.
 */
export function readContext(config: ConfigReader, { ropeScaling }: RotaryPositions): number {
  const positions = config.count("max_position_embeddings");
  const sections = ["rope_parameters", "rope_scaling"].map((field) => config.optionalSection(field));
  if (ropeScaling?.kind !== "yarn" || !sections.some((section) => section?.has(original))) return positions;
  const extended = Math.floor(ropeScaling.factor * ropeScaling.originalContext);
  return Math.min(Math.max(positions, extended), Number.MAX_SAFE_INTEGER);
}

function readScaling(config: ConfigReader, parameters: ConfigReader | undefined): RopeScaling | undefined {
  const legacy = config.optionalSection("rope_scaling");
  const older = legacy && scalingOf(legacy, config);
  const newer = parameters && scalingOf(parameters, config);
  const [one, other] = [newer, older].map((scaling) => JSON.stringify(scaling));
  if (older && newer && one !== other) {
    throw config.fail(
      `must have the same scaling in 'rope_parameters' and 'rope_scaling': found ${one} and ${other}`,
    );
  }
  return newer ?? older;
}

/** Fields of every kind of scaling. The last two are read by `readRotary`. */
const common = ["rope_type", "type", "rope_theta", "partial_rotary_factor"];
const original = "original_max_position_embeddings";
const fieldsOf = {
  default: [],
  divisors: ["divisors"],
  linear: ["factor"],
  llama3: ["factor", "low_freq_factor", "high_freq_factor", original],
  yarn: [
    "factor",
    original,
    "attention_factor",
    "beta_fast",
    "beta_slow",
    "mscale",
    "mscale_all_dim",
    "truncate",
  ],
} as const;

function scalingOf(section: ConfigReader, config: ConfigReader): RopeScaling | undefined {
  // `type` is the older name of `rope_type`.
  const field = section.has("type") && !section.has("rope_type") ? "type" : "rope_type";
  const kind = section.oneOf(field, ["default", "divisors", "linear", "llama3", "yarn"] as const, "default");
  section.only("type", kind);
  section.onlyFields([...common, ...fieldsOf[kind]]);
  if (kind === "divisors") return divisorsOf(section);
  if (kind === "linear") return { kind, factor: section.positive("factor") };
  if (kind === "llama3") return llama3Of(section);
  return kind === "yarn" ? yarnOf(section, config) : undefined;
}

function divisorsOf(section: ConfigReader): RopeScaling {
  const divisors = section.numbers("divisors");
  const wrong = divisors.find((divisor) => divisor <= 0);
  if (wrong === undefined) return { kind: "divisors", divisors };
  throw section.fail(`must have positive 'divisors': found ${wrong}`);
}

function llama3Of(section: ConfigReader): RopeScaling {
  const lowFrequencyFactor = section.positive("low_freq_factor");
  const highFrequencyFactor = section.positive("high_freq_factor");
  if (highFrequencyFactor <= lowFrequencyFactor) {
    throw section.fail(
      `must have a 'high_freq_factor' above its 'low_freq_factor': found ${highFrequencyFactor} and ${lowFrequencyFactor}`,
    );
  }
  const originalContext = section.count(original);
  return {
    kind: "llama3",
    factor: section.positive("factor"),
    lowFrequencyFactor,
    highFrequencyFactor,
    originalContext,
  };
}

function yarnOf(section: ConfigReader, config: ConfigReader): RopeScaling {
  const factor = section.positive("factor");
  return {
    kind: "yarn",
    factor,
    betaFast: section.positive("beta_fast", 32),
    betaSlow: section.positive("beta_slow", 1),
    // transformers uses `max_position_embeddings` if the section has no original context.
    originalContext: section.has(original)
      ? section.count(original)
      : config.count("max_position_embeddings"),
    attentionFactor: section.positive("attention_factor", yarnAttention(section, factor)),
    truncate: section.flag("truncate", true),
  };
}

/** YaRN's attention factor (section 3.4), or, with two `mscale` fields, the quotient of two such factors, as in transformers. */
function yarnAttention(section: ConfigReader, factor: number): number {
  const factorOf = (scale: number) => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  const scale = section.nonNegative("mscale", 0);
  const overall = section.nonNegative("mscale_all_dim", 0);
  return scale > 0 && overall > 0 ? factorOf(scale) / factorOf(overall) : factorOf(1);
}
