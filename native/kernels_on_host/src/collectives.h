/*
 * What the lanes of one warp do together. Lanes meet by their mask: a meeting is over when all that
 * the mask names have come.
 */
#ifndef KERNELS_ON_HOST_COLLECTIVES_H
#define KERNELS_ON_HOST_COLLECTIVES_H

#include <array>
#include <cstdint>

namespace kernels_on_host {

constexpr uint32_t WARP = 32;

enum class Operation : uint8_t { SHUFFLE, BALLOT, SYNCHRONIZE };

struct Meeting {
  uint32_t mask;
  uint32_t arrived;
  uint32_t left;
  Operation operation;
  std::array<uint64_t, WARP> values;
};

/* The meetings of a warp that some lane has come to and not every lane has left. */
class Meetings {
 public:
  void clear() { open = occupied = 0; }

  /* The meeting of the mask that waits for lanes; a new one if there is none. */
  Meeting &join(uint32_t mask, Operation operation) {
    for (uint64_t rest = open; rest != 0; rest &= rest - 1) {
      Meeting &meeting = meetings[first(rest)];
      if (meeting.mask == mask) {
        return meeting;
      }
    }
    const unsigned free = first(~occupied);
    Meeting &meeting = meetings[free];
    meeting.mask = mask;
    meeting.arrived = 0;
    meeting.left = 0;
    meeting.operation = operation;
    open |= UINT64_C(1) << free;
    occupied |= UINT64_C(1) << free;
    return meeting;
  }

  /* All have come. */
  void close(const Meeting &meeting) { open &= ~bit(meeting); }

  void leave(Meeting &meeting, uint32_t lane) {
    meeting.left |= UINT32_C(1) << lane;
    if (meeting.left == meeting.mask) {
      occupied &= ~bit(meeting);
    }
  }

  /* A meeting that waits for the lane, or null. */
  const Meeting *waiting_for(uint32_t lane) const {
    for (uint64_t rest = open; rest != 0; rest &= rest - 1) {
      const Meeting &meeting = meetings[first(rest)];
      if ((meeting.mask >> lane & 1u) != 0) {
        return &meeting;
      }
    }
    return nullptr;
  }

 private:
  static unsigned first(uint64_t bits) { return static_cast<unsigned>(__builtin_ctzll(bits)); }
  uint64_t bit(const Meeting &meeting) const { return UINT64_C(1) << (&meeting - meetings.data()); }

  /* A lane is in one meeting at a time, so this many can never all be occupied. */
  std::array<Meeting, WARP + 1> meetings;
  uint64_t open = 0;
  uint64_t occupied = 0;
};

}  // namespace kernels_on_host

#endif
