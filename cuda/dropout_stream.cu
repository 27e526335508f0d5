/*
 * Advances the stream of a key in device memory, so that the next launch that reads it, or the next
 * replay of a graph, draws another mask.
 *
 * One thread: everything. Memory: 8 bytes read and written. Launch bound: one thread is enough.
 */
#include "arguments.cuh"

extern "C" __global__ void __launch_bounds__(1)
    dropout_advance_stream(const jdropout::AdvanceArguments arguments) {
  if (blockIdx.x == 0 && threadIdx.x == 0) {
    arguments.key[1] += arguments.increment;
  }
}
