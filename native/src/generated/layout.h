// Made by scripts/shaders.mjs from src/backends/layout/structures.ts, which says what the fields mean; edit that.
#pragma once
#include <cstdint>

namespace unmask {

constexpr uint32_t none = 0xffffffffu;
constexpr uint32_t descriptor_words = 3072u;
constexpr uint32_t max_parameters = 6u;
constexpr uint32_t max_gathered_tokens = 64u;
constexpr uint32_t max_position_words = 64u;
constexpr uint32_t request_flag_forbidden = 1u;
constexpr uint32_t request_flag_divergence = 2u;
constexpr uint32_t request_flag_mixture = 4u;
constexpr uint32_t request_flag_sampled = 8u;
constexpr uint32_t request_flag_filtered = 16u;
constexpr uint32_t request_flag_known = 32u;
constexpr uint32_t request_flag_gathers = 64u;
constexpr uint32_t request_flag_candidates = 128u;
constexpr uint32_t request_flag_sampled_scores = 256u;
constexpr uint32_t position_flag_soft = 1u;
constexpr uint32_t position_flag_editable = 2u;
constexpr uint32_t position_flag_undecided = 4u;
constexpr uint32_t verdict_keep = 0u;
constexpr uint32_t verdict_commit = 1u;
constexpr uint32_t verdict_edit = 2u;

struct Step {
  uint32_t token_count;
  uint32_t span_count;
  uint32_t row_count;
  uint32_t request_count;
  uint32_t attention_tile_count;
  uint32_t spans_at;
  uint32_t requests_at;
  uint32_t candidate_words;
  uint32_t step_index;
};
static_assert(sizeof(Step) == 36);

struct Span {
  uint32_t first_token;
  uint32_t start;
  uint32_t end;
  uint32_t base;
  uint32_t visible;
  uint32_t mask_block;
  int32_t origin;
  uint32_t first_tile;
  uint32_t twin_distance;
  uint32_t replaced_keys;
};
static_assert(sizeof(Span) == 40);

struct Request {
  uint32_t first_row;
  uint32_t max_rows;
  uint32_t span;
  uint32_t shift;
  uint32_t mask_token;
  float temperature;
  uint32_t top_k;
  float top_p;
  float min_p_floor;
  uint32_t seed;
  uint32_t sequence_step;
  uint32_t guidance_span;
  float guidance_scale;
  uint32_t flags;
  uint32_t mixture_tokens;
  uint32_t forbidden_at;
  float score_factor;
  uint32_t candidate_count;
  uint32_t coupled_layers;
  uint32_t couplings_at;
  float soft_embedding_weight;
  uint32_t state;
  uint32_t block_step;
  uint32_t block_start;
  uint32_t block_end;
  uint32_t decoder;
  uint32_t parameters[6];
  uint32_t report_at;
  uint32_t logprobs_at;
};
static_assert(sizeof(Request) == 136);

struct Submission {
  uint32_t row_count;
  uint32_t candidate_words;
};
static_assert(sizeof(Submission) == 8);

struct RowPlan {
  uint32_t state;
  uint32_t base;
  uint32_t guidance_base;
  uint32_t is_entry;
  uint32_t entry_block_step;
  uint32_t entry_sequence_step;
  uint32_t entry_passes;
  uint32_t first_block;
  uint32_t block_count;
  uint32_t blocks_at;
  uint32_t pass_limit;
  uint32_t stop_tokens_at;
  uint32_t stop_token_count;
  uint32_t logprob_step_words;
  uint32_t logprobs_at;
};
static_assert(sizeof(RowPlan) == 60);

struct BlockPlan {
  uint32_t open_at_start;
  uint32_t first_step;
  uint32_t step_count;
  uint32_t steps_at;
  uint32_t step_limit;
  uint32_t stop_start;
  uint32_t stop_end;
  uint32_t editable_at;
  uint32_t editable_count;
};
static_assert(sizeof(BlockPlan) == 36);

struct StepPlan {
  uint32_t pass_at;
  uint32_t parameters[6];
};
static_assert(sizeof(StepPlan) == 28);

struct PassPlan {
  uint32_t start;
  uint32_t end;
  uint32_t visible;
  uint32_t mask_block;
  int32_t origin;
};
static_assert(sizeof(PassPlan) == 20);

struct RowState {
  uint32_t block_index;
  uint32_t is_entered;
  uint32_t is_complete;
  uint32_t is_stopped;
  uint32_t block_step;
  uint32_t sequence_step;
  uint32_t passes;
  uint32_t open_at_start;
  uint32_t steps_taken;
  uint32_t entry_count;
  uint32_t invalid_position;
  uint32_t row_count;
};
static_assert(sizeof(RowState) == 48);

struct ReportEntry {
  uint32_t step_index;
  uint32_t position;
  uint32_t verdict;
  uint32_t token;
  float confidence;
};
static_assert(sizeof(ReportEntry) == 20);

struct WantedRow {
  uint32_t token;
  uint32_t guidance_token;
  uint32_t request;
  uint32_t position;
};
static_assert(sizeof(WantedRow) == 16);

struct Statistics {
  uint32_t token;
  float confidence;
  uint32_t best;
  float best_logit;
  float best_probability;
  float second_probability;
  float entropy;
  float log_sum_exp;
  uint32_t valid;
  float divergence;
  float token_logit;
  float rest;
};
static_assert(sizeof(Statistics) == 48);

struct Partial {
  float highest;
  uint32_t best;
  float second;
  float rest;
  float weighted;
  float score;
  uint32_t token;
  float token_logit;
  uint32_t invalid;
};
static_assert(sizeof(Partial) == 36);

struct DivergencePart {
  float highest;
  float mass;
  float moved;
  float highest_before;
  float mass_before;
};
static_assert(sizeof(DivergencePart) == 20);

struct CandidateList {
  float log_sum_exp;
};
static_assert(sizeof(CandidateList) == 4);

struct Candidate {
  uint32_t token;
  float logit;
};
static_assert(sizeof(Candidate) == 8);

struct LogprobList {
  float logprob;
};
static_assert(sizeof(LogprobList) == 4);

struct LogprobEntry {
  uint32_t token;
  float logprob;
};
static_assert(sizeof(LogprobEntry) == 8);

struct PositionMemory {
  uint32_t token_count;
  uint32_t tokens[64];
  uint32_t own[64];
};
static_assert(sizeof(PositionMemory) == 516);

struct Decision {
  uint32_t verdict;
  uint32_t token;
  float confidence;
  uint32_t key;
  float token_logit;
};
static_assert(sizeof(Decision) == 20);

struct ForbiddenTable {
  uint32_t first_position;
  uint32_t position_count;
};
static_assert(sizeof(ForbiddenTable) == 8);

struct ForbiddenList {
  uint32_t tokens_at;
  uint32_t token_count;
};
static_assert(sizeof(ForbiddenList) == 8);

struct GatherList {
  uint32_t pair_count;
};
static_assert(sizeof(GatherList) == 4);

struct GatherPair {
  uint32_t row;
  uint32_t token;
};
static_assert(sizeof(GatherPair) == 8);

struct ExpertGroups {
  uint32_t tile_count;
};
static_assert(sizeof(ExpertGroups) == 4);

struct ExpertTile {
  uint32_t expert;
  uint32_t first_row;
  uint32_t row_count;
};
static_assert(sizeof(ExpertTile) == 12);

}  // namespace unmask
