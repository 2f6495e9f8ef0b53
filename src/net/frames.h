// Where coroutine frames come from: recycled by size class, on a list of the thread, so there is no lock.
// Private to task.h and reactor.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

namespace hanse::net {

struct FrameLists {
  static constexpr size_t kStep = 128;
  static constexpr size_t kClasses = 64;  // up to 8 kB; larger frames go to the heap
  static constexpr uint32_t kKept = 256;  // a class
  struct Free {
    Free* next;
  };
  std::array<Free*, kClasses> first{};
  std::array<uint32_t, kClasses> kept{};
};
extern constinit thread_local FrameLists t_frames;

void* new_frame(size_t size);  // of its whole class

inline void* take_frame(size_t size) {
  const size_t kind = (size + FrameLists::kStep - 1) / FrameLists::kStep;
  if (kind >= FrameLists::kClasses) return ::operator new(size);
  FrameLists::Free* frame = t_frames.first[kind];
  if (!frame) return new_frame(kind * FrameLists::kStep);
  t_frames.first[kind] = frame->next;
  --t_frames.kept[kind];
  return frame;
}

inline void give_frame(void* frame, size_t size) noexcept {
  const size_t kind = (size + FrameLists::kStep - 1) / FrameLists::kStep;
  if (kind >= FrameLists::kClasses || t_frames.kept[kind] >= FrameLists::kKept)
    return ::operator delete(frame);
  t_frames.first[kind] = new (frame) FrameLists::Free{t_frames.first[kind]};
  ++t_frames.kept[kind];
}

}  // namespace hanse::net
