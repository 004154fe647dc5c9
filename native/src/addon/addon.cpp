// The engine for JavaScript. Engines are numbers, and every call that waits for the device is a promise.
#include <napi.h>

#include "addon/environment.h"
#include "kernels/kernel.h"

namespace unmask {
namespace {

Environment& environment(const Napi::CallbackInfo& info) { return *info.Env().GetInstanceData<Environment>(); }

Environment::Open& open_of(const Napi::CallbackInfo& info) {
  auto& engines = environment(info).engines;
  const auto found = engines.find(info[0].As<Napi::Number>().Uint32Value());
  if (found == engines.end() || !found->second.engine) throw Napi::Error::New(info.Env(), "The engine is closed");
  return found->second;
}

uint64_t integer(const Napi::Value& value) { return static_cast<uint64_t>(value.As<Napi::Number>().Int64Value()); }
uint32_t number(const Napi::Value& value) { return value.As<Napi::Number>().Uint32Value(); }

/// open(index): { handle, opened: Promise<description> }. The handle is to be closed in any case.
Napi::Value open(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto& own = environment(info);
  const uint32_t handle = ++own.last_handle;
  Environment::Open& opened = own.engines[handle];
  opened.settle = Napi::ThreadSafeFunction::New(env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}),
                                                "unmask", 0, 1);
  opened.settle.Unref(env);
  const Waiting waiting(env, opened);
  opened.engine = std::make_unique<Engine>(
      info[0].As<Napi::Number>().Int32Value(), [waiting](const std::string& description, Engine::Failure failure) {
        waiting.settle(std::move(failure), [description](Napi::Env env) -> Napi::Value {
          return Napi::String::New(env, description);
        });
      });
  Napi::Object value = Napi::Object::New(env);
  value.Set("handle", Napi::Number::New(env, handle));
  value.Set("opened", waiting.promise());
  return value;
}

/// close(handle): waits for the work that was begun.
Napi::Value close(const Napi::CallbackInfo& info) {
  Environment::Open& opened = open_of(info);
  opened.engine.reset();
  return info.Env().Undefined();
}

/// allocate(handle, bytes): Promise<buffer>
Napi::Value allocate(const Napi::CallbackInfo& info) {
  const Waiting waiting(info.Env(), open_of(info));
  open_of(info).engine->allocate(integer(info[1]), [waiting](BufferId id, Engine::Failure failure) {
    waiting.settle(std::move(failure), [id](Napi::Env env) -> Napi::Value { return Napi::Number::New(env, id); });
  });
  return waiting.promise();
}

/// release(handle, buffer)
Napi::Value release(const Napi::CallbackInfo& info) {
  open_of(info).engine->release(number(info[1]));
  return info.Env().Undefined();
}

/// write(handle, buffer, offset, bytes: Uint8Array)
Napi::Value write(const Napi::CallbackInfo& info) {
  const auto bytes = info[3].As<Napi::Uint8Array>();
  const Range to{number(info[1]), integer(info[2]), bytes.ByteLength()};
  open_of(info).engine->write(to, {bytes.Data(), bytes.Data() + bytes.ByteLength()});
  return info.Env().Undefined();
}

/// copy(handle, from, fromOffset, to, toOffset, bytes)
Napi::Value copy(const Napi::CallbackInfo& info) {
  const uint64_t bytes = integer(info[5]);
  open_of(info).engine->copy({number(info[1]), integer(info[2]), bytes},
                             {number(info[3]), integer(info[4]), bytes});
  return info.Env().Undefined();
}

/// define(handle, program, launches: Uint32Array)
Napi::Value define(const Napi::CallbackInfo& info) {
  const auto words = info[2].As<Napi::Uint32Array>();
  open_of(info).engine->define(number(info[1]), {words.Data(), words.Data() + words.ElementLength()});
  return info.Env().Undefined();
}

/// forget(handle, program)
Napi::Value forget(const Napi::CallbackInfo& info) {
  open_of(info).engine->forget(number(info[1]));
  return info.Env().Undefined();
}

/// run(handle, program, step, stepOffset, control)
Napi::Value run(const Napi::CallbackInfo& info) {
  open_of(info).engine->run(number(info[1]), {number(info[2]), integer(info[3]), 0}, number(info[4]));
  return info.Env().Undefined();
}

/// time(handle, program, step, stepOffset, control, repeats): Promise<Float64Array>, as Engine::time
Napi::Value time(const Napi::CallbackInfo& info) {
  const Waiting waiting(info.Env(), open_of(info));
  open_of(info).engine->time(
      number(info[1]), {number(info[2]), integer(info[3]), 0}, number(info[4]), number(info[5]),
      [waiting](std::vector<double> times, Engine::Failure failure) {
        waiting.settle(std::move(failure), [times = std::move(times)](Napi::Env env) -> Napi::Value {
          Napi::Float64Array copied = Napi::Float64Array::New(env, times.size());
          std::copy(times.begin(), times.end(), copied.Data());
          return copied;
        });
      });
  return waiting.promise();
}

/// load(handle, path, ranges: Float64Array, stagingBytes, progress): { load, done: Promise }.
/// A range is: offset in the file, bytes, buffer, offset in the buffer.
Napi::Value load(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto words = info[2].As<Napi::Float64Array>();
  std::vector<FileRange> ranges;
  for (size_t at = 0; at + 3 < words.ElementLength(); at += 4) {
    const auto whole = [&](size_t index) { return static_cast<uint64_t>(words[at + index]); };
    ranges.push_back({whole(0), {static_cast<BufferId>(whole(2)), whole(3), whole(1)}});
  }
  Environment::Open& opened = open_of(info);
  const Waiting waiting(env, opened);
  const LoadId id = ++opened.last_load;
  // Made and deleted on the thread of JavaScript, in whose queue the end stands behind all progress.
  auto* const progress = new Napi::FunctionReference(Napi::Persistent(info[4].As<Napi::Function>()));
  opened.engine->load(
      id, info[1].As<Napi::String>().Utf8Value(), std::move(ranges), integer(info[3]),
      [waiting, progress](uint64_t bytes) {
        waiting.call([progress, bytes](Napi::Env env) { progress->Call({Napi::Number::New(env, bytes)}); });
      },
      [waiting, progress](Engine::Failure failure) {
        waiting.call([progress](Napi::Env) { delete progress; });
        waiting.settle(std::move(failure), [](Napi::Env env) -> Napi::Value { return env.Undefined(); });
      });
  Napi::Object value = Napi::Object::New(env);
  value.Set("load", Napi::Number::New(env, id));
  value.Set("done", waiting.promise());
  return value;
}

/// cancel(handle, load)
Napi::Value cancel(const Napi::CallbackInfo& info) {
  open_of(info).engine->cancel(number(info[1]));
  return info.Env().Undefined();
}

#ifdef UNMASK_HOST
/// breakDown(handle): for tests.
Napi::Value break_down(const Napi::CallbackInfo& info) {
  open_of(info).engine->break_down();
  return info.Env().Undefined();
}
#endif

/// read(handle, ranges: [buffer, offset, bytes][]): Promise<ArrayBuffer>, the ranges one behind the other
Napi::Value read(const Napi::CallbackInfo& info) {
  const auto given = info[1].As<Napi::Array>();
  std::vector<Range> ranges;
  for (uint32_t index = 0; index < given.Length(); index++) {
    const auto range = given.Get(index).As<Napi::Array>();
    ranges.push_back({number(range.Get(0u)), integer(range.Get(1u)), integer(range.Get(2u))});
  }
  const Waiting waiting(info.Env(), open_of(info));
  open_of(info).engine->read(std::move(ranges), [waiting](std::vector<uint8_t> bytes, Engine::Failure failure) {
    waiting.settle(std::move(failure), [bytes = std::move(bytes)](Napi::Env env) -> Napi::Value {
      Napi::ArrayBuffer copied = Napi::ArrayBuffer::New(env, bytes.size());
      std::copy(bytes.begin(), bytes.end(), static_cast<uint8_t*>(copied.Data()));
      return copied;
    });
  });
  return waiting.promise();
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Environment());
  // What kernels there are: a launch names one by its index.
  Napi::Array names = Napi::Array::New(env);
  for (uint32_t index = 0; kernels[index].name; index++) {
    Napi::Object kernel = Napi::Object::New(env);
    kernel.Set("name", Napi::String::New(env, kernels[index].name));
    kernel.Set("constants", Napi::String::New(env, kernels[index].constants));
    names.Set(index, kernel);
  }
  exports.Set("kernels", names);
  const auto set = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  set("open", open);
  set("close", close);
  set("allocate", allocate);
  set("release", release);
  set("write", write);
  set("copy", copy);
  set("define", define);
  set("forget", forget);
  set("run", run);
  set("time", time);
  set("load", load);
  set("cancel", cancel);
#ifdef UNMASK_HOST
  set("breakDown", break_down);
#endif
  set("read", read);
  return exports;
}

NODE_API_MODULE(unmask, initialize)

}  // namespace
}  // namespace unmask
