#include "net/frames.h"

namespace hanse::net {

constinit thread_local FrameLists t_frames;

namespace {

// At the end of a thread its frames are freed, and those that come later aren't kept.
struct Cleaner {
  ~Cleaner() {
    for (FrameLists::Free* frame : t_frames.first) {
      while (frame) {
        FrameLists::Free* next = frame->next;
        ::operator delete(frame);
        frame = next;
      }
    }
    t_frames.first.fill(nullptr);
    t_frames.kept.fill(FrameLists::kKept);
  }
};

}  // namespace

void* new_frame(size_t size) {
  thread_local Cleaner cleaner;
  (void)&cleaner;
  return ::operator new(size);
}

}  // namespace hanse::net
