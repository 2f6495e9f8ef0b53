#include "net/block.h"

#include <cstdlib>
#include <new>
#include <vector>

namespace hanse::net {
namespace {

constexpr size_t kBlocksKept = 32;  // 2 MB a thread at most while nothing happens

struct FreeBlocks {
  std::vector<char*> blocks;
  ~FreeBlocks() {
    for (char* b : blocks) std::free(b);
  }
};
thread_local FreeBlocks t_free;

}  // namespace

Block Block::borrow() {
  Block block;
  if (!t_free.blocks.empty()) {
    block.data_ = t_free.blocks.back();
    t_free.blocks.pop_back();
  } else {
    block.data_ = static_cast<char*>(std::malloc(kBlockSize));
    if (!block.data_) throw std::bad_alloc();
  }
  return block;
}

void Block::give_back() {
  if (!data_) return;
  if (t_free.blocks.size() < kBlocksKept)
    t_free.blocks.push_back(data_);
  else
    std::free(data_);
  data_ = nullptr;
}

}  // namespace hanse::net
