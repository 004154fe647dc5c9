// Wanted rows of the head and their requests.
#pragma once
#include "kernels/step.cuh"

namespace unmask {

/// The logit of a token that may not be chosen.
constexpr float lowest = -1.0e30f;

__device__ inline bool has(const Request& request, uint32_t flag) { return request.flags & flag; }

/// A range of wanted rows that a launch computes.
__device__ inline uint32_t rows_end(const uint32_t* step, uint32_t limit) { return min(head_of(step).row_count, limit); }

/// Whether a token may not stand at the position of a wanted row, whose request has `request_flag_forbidden`.
__device__ inline bool is_forbidden(const uint32_t* forbidden, const Request& request, uint32_t position, uint32_t token) {
  const auto& table = *reinterpret_cast<const ForbiddenTable*>(forbidden + request.forbidden_at);
  const uint32_t index = position - table.first_position;
  if (index >= table.position_count) return false;
  const ForbiddenList& list = reinterpret_cast<const ForbiddenList*>(&table + 1)[index];
  for (uint32_t i = 0; i < list.token_count; i++)
    if (forbidden[list.tokens_at + i] == token) return true;
  return false;
}

/// Whether the token of a wanted row is excluded before statistics.
__device__ inline bool is_excluded(const uint32_t* forbidden, const Request& request, uint32_t position, uint32_t token) {
  if (token == request.mask_token) return true;
  return has(request, request_flag_forbidden) && is_forbidden(forbidden, request, position, token);
}

}  // namespace unmask
