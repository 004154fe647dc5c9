// Captured programs, the latest used.
#pragma once
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <tuple>

#include "device/device.h"

namespace unmask {

class Graphs {
 public:
  /// A program, and where the step's descriptor and the states of the rows are.
  using Key = std::tuple<uint32_t, const void*, const void*>;

  /// The graph of a key, captured if it is none of the latest.
  Graph& get(const Key& key, const std::function<std::unique_ptr<Graph>()>& capture) {
    const auto found = places_.find(key);
    if (found != places_.end()) {
      latest_.splice(latest_.begin(), latest_, found->second);
      return *latest_.front().graph;
    }
    latest_.push_front({key, capture()});
    places_[key] = latest_.begin();
    if (latest_.size() > max_graphs) {
      places_.erase(latest_.back().key);
      latest_.pop_back();
    }
    return *latest_.front().graph;
  }

  /// Forgets all graphs: buffers that they name are freed.
  void clear() {
    places_.clear();
    latest_.clear();
  }

 private:
  /// A graph of a few hundred kernels takes about a megabyte.
  static constexpr size_t max_graphs = 256;

  struct Entry {
    Key key;
    std::unique_ptr<Graph> graph;
  };

  std::list<Entry> latest_;
  std::map<Key, std::list<Entry>::iterator> places_;
};

}  // namespace unmask
