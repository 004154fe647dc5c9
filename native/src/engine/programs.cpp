#include "engine/programs.h"

#include <string>

#include "kernels/kernel.h"

namespace unmask {
namespace {

DeviceError bug(const std::string& what) { return {"internal", what}; }

uint32_t kernel_count() {
  uint32_t count = 0;
  while (kernels[count].name) count++;
  return count;
}

}  // namespace

void Programs::run(ProgramId program, const StepPlace& at) { device_.launch(graph_of(program, at)); }

std::vector<double> Programs::time(ProgramId program, const StepPlace& at, uint32_t rounds) {
  const LaunchWords& words = words_of(program);
  std::vector<double> times;
  for (uint32_t round = 0; round < rounds; round++) {
    for (size_t begin = 0; begin < words.size();) {
      size_t next = begin;
      times.push_back(device_.time([&] { next = launch(words, begin, at); }, true));
      begin = next;
    }
    Graph& graph = graph_of(program, at);
    times.push_back(device_.time([&] { device_.launch(graph); }, false));
  }
  return times;
}

const LaunchWords& Programs::words_of(ProgramId program) const {
  const auto found = words_.find(program);
  if (found == words_.end()) throw bug("Program " + std::to_string(program) + " does not exist");
  return found->second;
}

Graph& Programs::graph_of(ProgramId program, const StepPlace& at) {
  return graphs_.get({program, at.step, at.control}, [&] {
    // A device may keep the closure: it holds a copy of the words.
    return device_.capture([this, words = words_of(program), at] {
      for (size_t begin = 0; begin < words.size();) begin = launch(words, begin, at);
    });
  });
}

size_t Programs::launch(const LaunchWords& words, size_t begin, const StepPlace& at) const {
  static const uint32_t count = kernel_count();
  const uint32_t kernel = words[begin];
  const dim3 grid(words[begin + 1], words[begin + 2]);
  const auto dtype = static_cast<DType>(words[begin + 3]);
  const uint32_t parameter_count = words[begin + 4];
  const uint32_t buffer_count = words[begin + 5];
  const uint32_t* const parameters = words.data() + begin + 6;
  if (kernel >= count) throw bug("There is no kernel " + std::to_string(kernel));
  std::vector<void*> buffers;
  for (uint32_t index = 0; index < buffer_count; index++) {
    const uint32_t* const binding = parameters + parameter_count + 2 * index;
    buffers.push_back(place_(binding[0], binding[1]));
  }
  const Call call{dtype, parameters, buffers.data(), buffer_count, at.step, at.control, grid};
  kernels[kernel].launch(call, device_.stream());
  return begin + 6 + parameter_count + 2 * buffer_count;
}

}  // namespace unmask
