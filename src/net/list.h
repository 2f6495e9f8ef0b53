// Link and List: doubly linked, intrusive, no allocation. A Link removes itself when it ends.
#pragma once

namespace hanse::net {

struct Link {
  Link* before = nullptr;
  Link* behind = nullptr;

  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() { unlink(); }

  bool linked() const { return before != nullptr; }
  void unlink() {
    if (!before) return;
    before->behind = behind;
    behind->before = before;
    before = behind = nullptr;
  }
};

// A ring with itself as the head. Entries are Links (or derive from Link).
struct List : private Link {
  List() { before = behind = this; }
  ~List() {
    while (!empty()) front()->unlink();
    before = behind = nullptr;
  }
  bool empty() const { return behind == this; }
  Link* front() { return behind; }
  Link* next(Link* of) { return of->behind == this ? nullptr : of->behind; }
  Link* first() { return empty() ? nullptr : behind; }
  void push_back(Link& link) {
    link.unlink();
    link.before = before;
    link.behind = this;
    before->behind = &link;
    before = &link;
  }
};

}  // namespace hanse::net
