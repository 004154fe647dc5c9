// What a thread of JavaScript has opened, and the promises that it waits for.
#pragma once
#include <napi.h>

#include <memory>
#include <unordered_map>

#include "engine/engine.h"

namespace unmask {

/// What an environment (a thread of JavaScript) has opened.
struct Environment {
  struct Open {
    std::unique_ptr<Engine> engine;
    Napi::ThreadSafeFunction settle;
    /// Promises that are not settled. With none, the engine does not keep the process alive.
    uint32_t waiting = 0;
    LoadId last_load = 0;
  };
  std::unordered_map<uint32_t, Open> engines;
  uint32_t last_handle = 0;
};

inline Napi::Value error_value(Napi::Env env, const DeviceError& error) {
  const Napi::Error value = Napi::Error::New(env, error.what());
  value.Set("code", Napi::String::New(env, error.code));
  value.Set("driverCode", Napi::Number::New(env, error.driver_code));
  return value.Value();
}

/// A promise that the engine's thread settles.
class Waiting {
 public:
  Waiting(Napi::Env env, Environment::Open& open)
      : deferred_(std::make_shared<Napi::Promise::Deferred>(env)), settle_(open.settle), open_(&open) {
    if (open.waiting++ == 0) settle_.Ref(env);
  }

  Napi::Promise promise() const { return deferred_->Promise(); }

  /// On any thread. @param job is called on the thread of JavaScript, in the order of the calls
  void call(std::function<void(Napi::Env)> job) const {
    settle_.NonBlockingCall([job = std::move(job)](Napi::Env env, Napi::Function) { job(env); });
  }

  /// On any thread. @param make makes the value, on the thread of JavaScript
  void settle(Engine::Failure failure, std::function<Napi::Value(Napi::Env)> make) const {
    auto job = [deferred = deferred_, settle = settle_, open = open_, failure = std::move(failure),
                make = std::move(make)](Napi::Env env, Napi::Function) {
      if (--open->waiting == 0) settle.Unref(env);
      if (failure) deferred->Reject(error_value(env, *failure));
      else deferred->Resolve(make(env));
    };
    settle_.NonBlockingCall(std::move(job));
  }

 private:
  std::shared_ptr<Napi::Promise::Deferred> deferred_;
  Napi::ThreadSafeFunction settle_;
  Environment::Open* open_;
};

}  // namespace unmask
