/**
 * Fields of other servers' APIs: OpenAI, vLLM, llama.cpp, and the pages and libraries made for them. The rule: a value
 * without effect is accepted; a value that would change the answer in an unsupported way is rejected with the reason; a
 * value that does not affect the answer is ignored. This is the only list of these fields.
 */
import { accepted, type ForeignFields, ignored, unsupported } from "./foreignField.ts";

const noOrder = "a diffusion model has no decoding order for counting tokens";
const noTools = "the model does not support tools";
const noReasoning = "the model has no separate reasoning";
const oneSampler = "sampling only supports temperature, top_k, top_p and min_p";
const noGrammar = "constrained decoding is not supported yet";
const onlyText = "the model supports text only";
const ownTemplate = "the model's chat template cannot be changed";
const besideOthers = "parameter of another field, which is off";

const identification: ForeignFields = {
  user: accepted("ID of the user"),
  metadata: accepted("labels"),
  id: accepted("the client's ID of the message"),
  chat_id: accepted("the client's ID of the conversation"),
  session_id: accepted("the client's ID of the session"),
  request_id: accepted("the client's ID of the request"),
  safety_identifier: accepted("ID of the user"),
  prompt_cache_key: accepted("key of the prompt cache"),
  prompt_cache_retention: accepted("lifetime of the cached prompt"),
  cache_salt: accepted("salt that separates cached prompts"),
  cache_prompt: accepted("whether the prompt is cached"),
  n_cache_reuse: accepted("minimum length of a cached chunk to reuse"),
  id_slot: accepted("slot of the prompt cache"),
  prediction: accepted("predicted output, for speed"),
};

const services: ForeignFields = {
  store: ignored("whether the response is stored", false),
  service_tier: ignored("urgency of the request", "auto", "default"),
  priority: ignored("priority of the request: use `diffusion.priority`", 0),
  keep_alive: ignored("how long the model stays loaded"),
  timings_per_token: ignored("whether timings are returned: see the usage", false),
  return_progress: ignored("whether the prompt's progress is returned", false),
  return_token_ids: ignored("whether the answer's token IDs are returned", false),
  return_tokens: ignored("whether the answer's token IDs are returned", false),
  return_tokens_as_token_ids: ignored("whether log-probabilities have token IDs", false),
  samplers: ignored("order of the samplers"),
};

const penalties: ForeignFields = {
  frequency_penalty: unsupported([0], noOrder),
  presence_penalty: unsupported([0], noOrder),
  repetition_penalty: unsupported([1], noOrder),
  repeat_penalty: unsupported([1], noOrder),
  repeat_last_n: accepted(besideOthers),
  penalize_nl: accepted(besideOthers),
  dry_multiplier: unsupported([0], noOrder),
  dry_base: accepted(besideOthers),
  dry_allowed_length: accepted(besideOthers),
  dry_penalty_last_n: accepted(besideOthers),
  dry_sequence_breakers: accepted(besideOthers),
  no_repeat_ngram_size: unsupported([0], noOrder),
};

const samplers: ForeignFields = {
  logit_bias: unsupported([{}, []], "logit biases are not supported"),
  typical_p: unsupported([1], oneSampler),
  typ_p: unsupported([1], oneSampler),
  top_a: unsupported([0], oneSampler),
  tfs_z: unsupported([1], oneSampler),
  top_n_sigma: unsupported([-1, 0], oneSampler),
  xtc_probability: unsupported([0], oneSampler),
  xtc_threshold: accepted(besideOthers),
  dynatemp_range: unsupported([0], oneSampler),
  dynatemp_exponent: accepted(besideOthers),
  mirostat: unsupported([0], oneSampler),
  mirostat_tau: accepted(besideOthers),
  mirostat_eta: accepted(besideOthers),
  adaptive_target: unsupported([-1], oneSampler),
  adaptive_decay: accepted(besideOthers),
  min_keep: accepted(besideOthers),
  allowed_token_ids: unsupported([[]], "the set of tokens cannot be restricted"),
  bad_words: unsupported([[]], "the set of tokens cannot be restricted"),
  use_beam_search: unsupported([false], "beam search is not supported"),
  length_penalty: unsupported([1], "beam search is not supported"),
  best_of: unsupported([1], "all choices are returned"),
};

const lengths: ForeignFields = {
  min_tokens: unsupported([0], "a minimum length is not supported"),
  ignore_eos: unsupported([false], "the model's stop tokens always end an answer"),
  n_keep: accepted("part of a too long prompt to keep: prompts are never truncated"),
  n_discard: accepted("part of a too long prompt to drop: prompts are never truncated"),
  truncate_prompt_tokens: unsupported([-1], "prompts are never truncated"),
  t_max_predict_ms: unsupported([0, -1], "the time limit of a request is 'diffusion.deadline_ms'"),
  n_indent: unsupported([0], noGrammar),
};

const texts: ForeignFields = {
  echo: unsupported([false], "the response does not repeat the conversation"),
  skip_special_tokens: unsupported([true], "special tokens are never part of the text"),
  spaces_between_special_tokens: accepted(besideOthers),
  include_stop_str_in_output: unsupported([false], "the text never includes the stop string"),
  add_special_tokens: unsupported([false], "no special tokens are added to a prompt"),
  prompt_logprobs: unsupported([false], "a diffusion model cannot compute the likelihood of a given text"),
  n_probs: unsupported([0], "probabilities are returned by 'logprobs'"),
  post_sampling_probs: unsupported([false], "probabilities are always those before sampling"),
  chat_template: unsupported([""], ownTemplate),
  chat_template_kwargs: unsupported([{}], ownTemplate),
  add_generation_prompt: unsupported([true], ownTemplate),
  continue_final_message: unsupported([false], ownTemplate),
  documents: unsupported([[]], ownTemplate),
  lora: unsupported([[]], "LoRA adapters are not supported"),
};

const formats: ForeignFields = {
  response_format: unsupported([{ type: "text" }], "structured outputs are not supported yet"),
  grammar: unsupported([""], noGrammar),
  json_schema: unsupported([{}], noGrammar),
  structured_outputs: unsupported([{}], noGrammar),
  guided_json: unsupported([], noGrammar),
  guided_regex: unsupported([""], noGrammar),
  guided_choice: unsupported([[]], noGrammar),
  guided_grammar: unsupported([""], noGrammar),
  modalities: unsupported([["text"]], onlyText),
  audio: unsupported([], onlyText),
  verbosity: unsupported(["medium"], "the model has no setting for verbosity"),
};

const tools: ForeignFields = {
  tools: unsupported([[]], noTools),
  tool_choice: unsupported(["none", "auto"], noTools),
  parallel_tool_calls: accepted(besideOthers),
  parse_tool_calls: accepted(besideOthers),
  functions: unsupported([[]], noTools),
  function_call: unsupported(["none", "auto"], noTools),
  web_search_options: unsupported([], noTools),
};

const reasoning: ForeignFields = {
  reasoning_effort: unsupported(["none"], noReasoning),
  reasoning: unsupported([{}, { effort: "none" }, { enabled: false }], noReasoning),
  thinking: unsupported([{ type: "disabled" }], noReasoning),
  enable_thinking: unsupported([false], noReasoning),
  reasoning_format: accepted("format of the reasoning: answers have none"),
  include_reasoning: accepted("whether reasoning is returned: answers have none"),
  thinking_forced_open: unsupported([false], noReasoning),
};

/** Fields of a request's body. */
export const bodyFields: ForeignFields = {
  ...identification,
  ...services,
  ...penalties,
  ...samplers,
  ...lengths,
  ...texts,
  ...formats,
  ...tools,
  ...reasoning,
};

/** Fields of a message. */
export const messageFields: ForeignFields = {
  type: unsupported(["text"], "messages contain text only"),
  refusal: ignored("refusal in an earlier answer"),
  name: ignored("name of the participant", ""),
  annotations: ignored("sources of an earlier answer", []),
  reasoning_content: ignored("reasoning of an earlier answer", ""),
  reasoning: ignored("reasoning of an earlier answer", ""),
  audio: unsupported([], onlyText),
  images: unsupported([[]], onlyText),
  tool_calls: unsupported([[]], noTools),
  tool_call_id: accepted("ID of the tool call that the message answers"),
  function_call: unsupported([], noTools),
  cache_control: accepted("whether the message is cached"),
  prefix: unsupported([false], ownTemplate),
  partial: unsupported([false], ownTemplate),
};

/** Fields of a content part of a message. */
export const partFields: ForeignFields = {
  annotations: ignored("sources of an earlier answer", []),
  cache_control: accepted("whether the part is cached"),
};

/** Fields of `stream_options`. */
export const streamOptionFields: ForeignFields = {
  include_obfuscation: accepted("whether chunks are padded to a common length"),
  continuous_usage_stats: ignored("whether every chunk includes the usage", false),
};
