// Lists of launches by number: run as graphs, and measured.
#pragma once
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "device/device.h"
#include "engine/graphs.h"

namespace unmask {

using ProgramId = uint32_t;

/// A list of launches as words. Each launch is: the index of its kernel, grid x and y, its dtype, the numbers of parameter words
/// and of buffers, the parameters, then for each buffer its id and the word at which the binding begins.
using LaunchWords = std::vector<uint32_t>;

/// Where the step's descriptor and the states of the rows are.
struct StepPlace {
  uint32_t* step;
  uint32_t* control;
};

class Programs {
 public:
  /// @param place gives the address of a word of a buffer
  Programs(Device& device, std::function<void*(uint32_t buffer, uint64_t word)> place)
      : device_(device), place_(std::move(place)) {}

  /// The list is captured for each step when it first runs there.
  void define(ProgramId program, LaunchWords words) { words_[program] = std::move(words); }
  void forget(ProgramId program) { words_.erase(program); }
  void run(ProgramId program, const StepPlace& at);
  /// Microseconds of each launch, with a cold cache, then of all as a graph, for each of `rounds`.
  std::vector<double> time(ProgramId program, const StepPlace& at, uint32_t rounds);
  /// Forgets what is captured: buffers are freed that it names.
  void forget_graphs() { graphs_.clear(); }

 private:
  const LaunchWords& words_of(ProgramId program) const;
  Graph& graph_of(ProgramId program, const StepPlace& at);
  /// Launches what begins at a word. @returns the word behind it
  size_t launch(const LaunchWords& words, size_t begin, const StepPlace& at) const;

  Device& device_;
  std::function<void*(uint32_t, uint64_t)> place_;
  std::unordered_map<ProgramId, LaunchWords> words_;
  Graphs graphs_;
};

}  // namespace unmask
