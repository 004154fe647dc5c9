/** The baseline and the candidates of a search, by options and the model. */
import {
  type CachePolicy,
  cachePolicies,
  type Decoder,
  DiffusionError,
  defaultCache,
  type EngineInfo,
  referencePolicies,
} from "../../core/index.ts";
import { readConfigurations } from "../../eval/configuration.ts";
import { candidateOf, distinct, proposals } from "../../eval/tune/propose.ts";
import type { Random } from "../../eval/tune/random.ts";
import { type Candidate, plainSettings, readSettings, type Settings } from "../../eval/tune/settings.ts";
import { type Space, spaceOf } from "../../eval/tune/space.ts";
import { readText } from "../files.ts";
import { parseNames } from "./values.ts";

/** The sources of candidates, as the command line has them. */
export interface CandidateOptions {
  readonly baseline?: string;
  readonly space?: string;
  readonly decoders?: string;
  readonly caches?: string;
}

/** @throws DiffusionError `invalid-request`, `invalid-file`, `not-found` */
export async function readCandidates(
  options: CandidateOptions,
  decoders: readonly Decoder[],
  info: EngineInfo,
  random: Random,
) {
  const { baseline, space } = options;
  const { presets, maskBlock } = info;
  if (maskBlock === 1) {
    const message = "Cannot tune the model as it is causal: it decodes one token per pass";
    throw new DiffusionError("unsupported", message);
  }
  const plain = (settings: Settings) =>
    candidateOf(plainSettings(settings, { decoders, caches: cachePolicies }, maskBlock));
  const fromFile = async (file: string) =>
    readConfigurations(await readText(file), file).map((entry) => plain(readSettings(entry, presets, file)));
  const own =
    baseline === undefined
      ? candidateOf(oneTokenPerStep(info))
      : await readBaseline(baseline, info, fromFile, plain);
  if (space !== undefined) {
    const also = (["decoders", "caches"] as const).find((name) => options[name] !== undefined);
    if (also) throw new DiffusionError("invalid-request", `Cannot use '--space' together with '--${also}'`);
    const listed = distinct(await fromFile(space));
    return { baseline: own, propose: (generation: number) => (generation === 0 ? listed : []) };
  }
  const searched = spaceOf(searchedDecoders(options, decoders), searchedCaches(options), info);
  if (searched.decoders.length === 0) {
    const message =
      "Cannot tune as none of the decoders can decide by the passes of any of '--caches' that suits the model's attention mask";
    throw new DiffusionError("unsupported", message);
  }
  const starters = [presets.settings.balanced, presets.settings.speed].map(plain);
  const inside = starters.filter(({ request }) => contains(searched, request, maskBlock));
  return { baseline: own, propose: proposals(searched, inside, random) };
}

function searchedDecoders({ decoders: names }: CandidateOptions, decoders: readonly Decoder[]) {
  return names === undefined ? decoders : parseNames("--decoders", names, decoders);
}

/** Without names, all policies but those that repeat the passes of other implementations. */
function searchedCaches({ caches: names }: CandidateOptions): readonly CachePolicy[] {
  if (names !== undefined) return parseNames("--caches", names, cachePolicies);
  return cachePolicies.filter((policy) => !referencePolicies.includes(policy));
}

function contains({ decoders, caches }: Space, { decoder, cache }: Settings, maskBlock: number): boolean {
  const used = cache?.name ?? defaultCache(maskBlock);
  return decoders.some(({ name }) => name === decoder.name) && caches.some(({ name }) => name === used);
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
