/*
 * Sees every access of a kernel to memory: that it stays inside what is allocated, that it is
 * aligned, and that no two threads touch the same byte, one of them writing, without a barrier
 * between.
 */
#ifndef KERNELS_ON_HOST_ACCESS_CHECK_H
#define KERNELS_ON_HOST_ACCESS_CHECK_H

#include <cstdint>
#include <string>

namespace kernels_on_host {

class AccessCheck {
 public:
  /* False lets everything pass. */
  bool is_on = true;

  void begin_launch(int device);
  void end_launch();
  void begin_block();
  /* All threads of the block have reached a barrier. */
  void pass_barrier() { begin_phase(); }
  /* From now on it is this thread of the block that runs. */
  void run_thread(uint32_t thread) { mine = phase | static_cast<int32_t>(thread); }

  template <unsigned bytes>
  void read(uintptr_t address);
  template <unsigned bytes>
  void write(uintptr_t address);
  void read_range(uintptr_t address, uint64_t bytes);
  void write_range(uintptr_t address, uint64_t bytes);

 private:
  struct Bytes;

  void begin_phase();
  bool find(uintptr_t address, uint64_t bytes, bool is_write, Bytes &found) const;
  bool search(uintptr_t address, uint64_t bytes, bool is_write, Bytes &found) const;
  void refuse(uintptr_t address, uint64_t bytes, bool is_write) const;
  bool conflicts(int32_t access, int32_t unordered) const;
  template <typename Count>
  void note_read(const Bytes &at, uintptr_t address, Count bytes) const;
  template <typename Count>
  void note_write(const Bytes &at, uintptr_t address, Count bytes) const;
  void mix_readers(const Bytes &at, uint64_t bytes) const;
  void require_written(const Bytes &at, uint64_t bytes) const;
  void refuse_race(const Bytes &at, uintptr_t address, uint64_t bytes, bool is_write) const;
  std::string thread_of(int32_t access) const;

  bool is_running = false;
  int device = 0;
  uint64_t device_offset = 0;
  uint64_t pinned_offset = 0;
  int32_t launch_phase = 0;
  int32_t block_phase = 0;
  int32_t phase = 0;
  int32_t mine = 0;
};

extern AccessCheck access_check;

}  // namespace kernels_on_host

#endif
