/** The baseline and the candidates of a search, by options and the model. */
import {
  cachePolicies,
  type Decoder,
  DiffusionError,
  type EngineInfo,
  referencePolicies,
} from "../../core/index.ts";
import { readConfigurations } from "../../eval/configuration.ts";
import { candidateOf, distinct, proposals } from "../../eval/tune/propose.ts";
import type { Random } from "../../eval/tune/random.ts";
import { type Candidate, plainSettings, readSettings, type Settings } from "../../eval/tune/settings.ts";
import { spaceOf } from "../../eval/tune/space.ts";
import { readText } from "../files.ts";

/** The sources of candidates: files as read, not yet checked against the model. */
export interface CandidateOptions {
  readonly baseline?: string;
  readonly space?: string;
}

/** @throws DiffusionError `invalid-request`, `invalid-file`, `not-found` */
export async function readCandidates(
  { baseline, space }: CandidateOptions,
  decoders: readonly Decoder[],
  info: EngineInfo,
  random: Random,
) {
  const { presets, maskBlock } = info;
  if (maskBlock === 1) {
    const message = "Cannot tune the model as it is causal: it decodes one token per pass";
    throw new DiffusionError("unsupported", message);
  }
  const caches = cachePolicies.filter((policy) => !referencePolicies.includes(policy));
  const plain = (settings: Settings) =>
    candidateOf(plainSettings(settings, { decoders, caches: cachePolicies }, maskBlock));
  const fromFile = async (file: string) =>
    readConfigurations(await readText(file), file).map((entry) => plain(readSettings(entry, presets, file)));
  const own =
    baseline === undefined
      ? candidateOf(oneTokenPerStep(info))
      : await readBaseline(baseline, info, fromFile, plain);
  if (space !== undefined) {
    const listed = distinct(await fromFile(space));
    return { baseline: own, propose: (generation: number) => (generation === 0 ? listed : []) };
  }
  const starters = [presets.settings.balanced, presets.settings.speed].map(plain);
  return { baseline: own, propose: proposals(spaceOf(decoders, caches, info), starters, random) };
}

async function readBaseline(
  baseline: string,
  { presets }: EngineInfo,
  fromFile: (file: string) => Promise<readonly Candidate[]>,
  plain: (settings: Settings) => Candidate,
): Promise<Candidate> {
  const preset = Object.entries(presets.settings).find(([name]) => name === baseline);
  if (preset) return plain(preset[1]);
  const [first, ...more] = await fromFile(baseline);
  if (more.length === 0) return first!;
  const message = `Cannot tune as '${baseline}' must have one configuration as the baseline: found ${more.length + 1}`;
  throw new DiffusionError("invalid-file", message);
}

/** The original sampler: one token per step. */
function oneTokenPerStep({ maskBlock, defaults }: EngineInfo): Settings {
  if (maskBlock !== Infinity) return { decoder: { name: "fixed", steps: maskBlock } };
  const blockLength = defaults.blockLength ?? defaults.genLength;
  return { decoder: { name: "fixed", steps: blockLength }, blockLength };
}
