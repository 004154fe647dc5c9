/**
 * What clients of other servers send: OpenAI's API, vLLM, llama.cpp, and pages and libraries made for them. The rule:
 * what asks for nothing is taken; what would change the answer and cannot be done is refused with the reason; what
 * says nothing of the answer is ignored. This is the only place that knows these fields.
 */
import { type ForeignFields, ignored, label, only } from "./foreignField.ts";

const noOrder = "a diffusion model decodes in no order in which tokens could be counted";
const noTools = "the model calls no tools";
const noReasoning = "answers have no reasoning apart from their text";
const oneSampler = "tokens are sampled by temperature, top_k, top_p and min_p alone";
const noGrammar = "answers cannot be held to a format yet";
const onlyText = "the model reads and writes text alone";
const ownTemplate = "the model's own chat template is used as it is";
const besideOthers = "says how another field works, which is off";

const identification: ForeignFields = {
  user: label("who asks"),
  metadata: label("labels"),
  id: label("of the message, in the client"),
  chat_id: label("of the conversation, in the client"),
  session_id: label("of the client"),
  request_id: label("of the request, in the client"),
  safety_identifier: label("who asks"),
  prompt_cache_key: label("what the prompt is cached by"),
  prompt_cache_retention: label("how long the prompt is cached"),
  cache_salt: label("who shares a cached prompt"),
  cache_prompt: label("whether the prompt is cached"),
  n_cache_reuse: label("how the cached prompt is used"),
  id_slot: label("where the prompt is cached"),
  prediction: label("a guess of the answer, to be faster"),
};

const services: ForeignFields = {
  store: ignored("whether the answer is kept", false),
  service_tier: ignored("how urgent the request is", "auto", "default"),
  priority: ignored("which request comes first: here `diffusion.priority`", 0),
  keep_alive: ignored("how long the model stays loaded"),
  timings_per_token: ignored("whether times are told: here in the usage", false),
  return_progress: ignored("whether the prompt's progress is told", false),
  return_token_ids: ignored("whether the answer's token ids are told", false),
  return_tokens: ignored("whether the answer's token ids are told", false),
  return_tokens_as_token_ids: ignored("whether log-probabilities name token ids", false),
  samplers: ignored("in which order samplers work"),
};

const penalties: ForeignFields = {
  frequency_penalty: only([0], noOrder),
  presence_penalty: only([0], noOrder),
  repetition_penalty: only([1], noOrder),
  repeat_penalty: only([1], noOrder),
  repeat_last_n: label(besideOthers),
  penalize_nl: label(besideOthers),
  dry_multiplier: only([0], noOrder),
  dry_base: label(besideOthers),
  dry_allowed_length: label(besideOthers),
  dry_penalty_last_n: label(besideOthers),
  dry_sequence_breakers: label(besideOthers),
  no_repeat_ngram_size: only([0], noOrder),
};

const samplers: ForeignFields = {
  logit_bias: only([{}, []], "logits cannot be shifted"),
  typical_p: only([1], oneSampler),
  typ_p: only([1], oneSampler),
  top_a: only([0], oneSampler),
  tfs_z: only([1], oneSampler),
  top_n_sigma: only([-1, 0], oneSampler),
  xtc_probability: only([0], oneSampler),
  xtc_threshold: label(besideOthers),
  dynatemp_range: only([0], oneSampler),
  dynatemp_exponent: label(besideOthers),
  mirostat: only([0], oneSampler),
  mirostat_tau: label(besideOthers),
  mirostat_eta: label(besideOthers),
  adaptive_target: only([-1], oneSampler),
  adaptive_decay: label(besideOthers),
  min_keep: label(besideOthers),
  allowed_token_ids: only([[]], "every token may be sampled"),
  bad_words: only([[]], "every token may be sampled"),
  use_beam_search: only([false], "there is one way to decode, without beams"),
  length_penalty: only([1], "there is one way to decode, without beams"),
  best_of: only([1], "all choices are returned"),
};

const lengths: ForeignFields = {
  min_tokens: only([0], "an answer has no least length"),
  ignore_eos: only([false], "an answer ends where the model ends it"),
  n_keep: label("what stays of a prompt that is too long: here none is"),
  n_discard: label("what is left out of a prompt that is too long: here none is"),
  truncate_prompt_tokens: only([-1], "a prompt is never cut"),
  t_max_predict_ms: only([0, -1], "a request has its time in 'diffusion.deadline_ms'"),
  n_indent: only([0], noGrammar),
};

const texts: ForeignFields = {
  echo: only([false], "a conversation is not repeated"),
  skip_special_tokens: only([true], "special tokens are no text"),
  spaces_between_special_tokens: label(besideOthers),
  include_stop_str_in_output: only([false], "an answer ends before its stop text"),
  add_special_tokens: only([false], "a prompt is encoded as it is"),
  prompt_logprobs: only([false], "a diffusion model has no likelihood of a text that it was given"),
  n_probs: only([0], "probabilities are told by 'logprobs'"),
  post_sampling_probs: only([false], "probabilities are those before sampling"),
  chat_template: only([""], ownTemplate),
  chat_template_kwargs: only([{}], ownTemplate),
  add_generation_prompt: only([true], ownTemplate),
  continue_final_message: only([false], ownTemplate),
  documents: only([[]], ownTemplate),
  lora: only([[]], "the model has no adapters"),
};

const formats: ForeignFields = {
  response_format: only([{ type: "text" }], "answers have no other format yet"),
  grammar: only([""], noGrammar),
  json_schema: only([{}], noGrammar),
  structured_outputs: only([{}], noGrammar),
  guided_json: only([], noGrammar),
  guided_regex: only([""], noGrammar),
  guided_choice: only([[]], noGrammar),
  guided_grammar: only([""], noGrammar),
  modalities: only([["text"]], onlyText),
  audio: only([], onlyText),
  verbosity: only(["medium"], "the model cannot be told how much to say but in the prompt"),
};

const tools: ForeignFields = {
  tools: only([[]], noTools),
  tool_choice: only(["none", "auto"], noTools),
  parallel_tool_calls: label(besideOthers),
  parse_tool_calls: label(besideOthers),
  functions: only([[]], noTools),
  function_call: only(["none", "auto"], noTools),
  web_search_options: only([], noTools),
};

const reasoning: ForeignFields = {
  reasoning_effort: only(["none"], noReasoning),
  reasoning: only([{}, { effort: "none" }, { enabled: false }], noReasoning),
  thinking: only([{ type: "disabled" }], noReasoning),
  enable_thinking: only([false], noReasoning),
  reasoning_format: label("how reasoning is told: here there is none"),
  include_reasoning: label("whether reasoning is told: here there is none"),
  thinking_forced_open: only([false], noReasoning),
};

/** Of a request's body. */
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

/** Of a message. */
export const messageFields: ForeignFields = {
  type: only(["text"], "messages are text"),
  refusal: ignored("why an earlier answer was refused"),
  name: ignored("who of several said it", ""),
  annotations: ignored("sources of an earlier answer", []),
  reasoning_content: ignored("reasoning of an earlier answer", ""),
  reasoning: ignored("reasoning of an earlier answer", ""),
  audio: only([], onlyText),
  images: only([[]], onlyText),
  tool_calls: only([[]], noTools),
  tool_call_id: label("which call the message answers"),
  function_call: only([], noTools),
  cache_control: label("whether the message is cached"),
  prefix: only([false], ownTemplate),
  partial: only([false], ownTemplate),
};

/** Of a part of a message. */
export const partFields: ForeignFields = {
  annotations: ignored("sources of an earlier answer", []),
  cache_control: label("whether the part is cached"),
};

/** Of `stream_options`. */
export const streamOptionFields: ForeignFields = {
  include_obfuscation: label("whether chunks are filled up to one length"),
  continuous_usage_stats: ignored("whether every chunk has its usage", false),
};
