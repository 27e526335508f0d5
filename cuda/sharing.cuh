/*
 * Masks that are shared along axes: from the index of an element in the tensor to the index of its
 * decision in the mask, and the decisions of eight neighbouring elements at once.
 *
 * A tensor is seen as [outer, shared, inner]: inner and outer positions have decisions of their own.
 * Eight neighbouring elements are a few stretches, in each of which the decisions are neighbours too
 * (inner > 1) or one and the same (inner = 1).
 */
#pragma once

#include "divisor.cuh"
#include "keep.cuh"

namespace jdropout {

/* The mask's rows before an outer position, whose own axes may again be shared or not. */
__device__ __forceinline__ uint64_t mask_row(const Sharing &sharing, uint64_t outer) {
  uint64_t row = 0;
  uint64_t stride = 1;
  for (uint32_t run = 0; run < sharing.outer_runs; run++) {
    const Division division = divide(outer, sharing.outer[run]);
    if (run % 2 == 0) {
      row += division.remainder * stride;
      stride *= sharing.outer[run].value;
    }
    outer = division.quotient;
  }
  return row;
}

/* Draws decisions, and the last quad of them only once. */
class SharedBits {
 public:
  __device__ __forceinline__ SharedBits(const PhiloxSchedule &schedule, uint32_t threshold,
                                        uint64_t first_quad)
      : schedule_(schedule), threshold_(threshold), first_quad_(first_quad) {}

  /* Returns the decisions of up to eight neighbours in the mask, the first in bit 0. */
  __device__ __forceinline__ uint32_t neighbours(uint64_t index, uint32_t count) {
    const uint32_t lane = static_cast<uint32_t>(index) % 8;
    uint32_t bits = quad(index / 8) >> lane;
    if (lane + count > 8) {
      bits |= quad(index / 8 + 1) << (8 - lane);
    }
    return bits & ((1u << count) - 1);
  }

 private:
  __device__ __forceinline__ uint32_t quad(uint64_t index) {
    if (!is_drawn_ || index != drawn_) {
      bits_ = keep_bits(draw_quad(schedule_, first_quad_ + index), threshold_);
      drawn_ = index;
      is_drawn_ = true;
    }
    return bits_;
  }

  const PhiloxSchedule &schedule_;
  const uint32_t threshold_;
  const uint64_t first_quad_;
  uint64_t drawn_ = 0;
  uint32_t bits_ = 0;
  bool is_drawn_ = false;
};

/*
 * Returns the decisions of the elements begin to end - 1 of the tensor, at most eight, the first in
 * bit 0.
 */
__device__ __forceinline__ uint32_t shared_bits(const Sharing &sharing, SharedBits drawn,
                                                uint64_t begin, uint64_t end) {
  const Division rows = divide(begin, sharing.inner);
  const Division outer = divide(rows.quotient, sharing.shared);
  uint64_t position = outer.quotient;
  uint64_t row = mask_row(sharing, position) * sharing.inner.value;
  uint64_t in_row = rows.remainder;
  uint64_t repeat = outer.remainder;
  uint32_t bits = 0;
  uint32_t done = 0;
  const uint32_t count = static_cast<uint32_t>(end - begin);
  while (done < count) {
    const uint32_t rest = count - done;
    const bool is_one_decision = sharing.inner.value == 1;
    const uint64_t left =
        is_one_decision ? sharing.shared.value - repeat : sharing.inner.value - in_row;
    const uint32_t stretch = left < rest ? static_cast<uint32_t>(left) : rest;
    uint32_t decided;
    if (is_one_decision) {
      decided = drawn.neighbours(row, 1) * ((1u << stretch) - 1);
      repeat += stretch;
    } else {
      decided = drawn.neighbours(row + in_row, stretch);
      in_row = 0;
      repeat++;
    }
    bits |= decided << done;
    done += stretch;
    if (repeat >= sharing.shared.value) {
      repeat = 0;
      position++;
      row = mask_row(sharing, position) * sharing.inner.value;
    }
  }
  return bits;
}

}  // namespace jdropout
