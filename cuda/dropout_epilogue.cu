/*
 * The end of a layer: output = residual + dropout(activation(product + bias)).
 *
 * One thread: the same eight columns in four rows of a tile of 64 rows. A row is loaded before the
 * one above it is computed; the residual before the mask is drawn. Memory: each element of product and residual is read
 * once and each of the output written once, 4 bytes (f16, bf16) or 8 (f32) and half of that again
 * for a residual; the sign bits are an eighth of a byte. Tail: what is not aligned to 16 bytes, and
 * the last columns where they are no eight, goes one element at a time. A matrix of 2048 columns and
 * 4096 rows has 1024 tiles, which is eight blocks for each of 132 multiprocessors. Launch bound: 256
 * threads, and registers for three blocks: activations are long chains, whose latency only other
 * warps hide.
 */
#include "activation.cuh"
#include "layer.cuh"

namespace jdropout {

constexpr uint32_t TILE_ROWS = 64;

/* Blocks per multiprocessor. */
constexpr int BLOCKS = 3;

/* Computes a thread's part of a tile, of at least one row. */
template <typename Element, typename Arguments>
__device__ __forceinline__ void compute_columns(const Arguments &arguments,
                                                const Decisions &decisions, const Place &place) {
  const Layer &layer = arguments.layer;
  const Columns &columns = place.columns;
  const Octet<Element> bias = load_bias<Element>(arguments.bias, columns);
  const char *product = part_of<Element>(arguments.product, place.row, columns);
  const char *residual = part_of<Element>(arguments.residual, place.row, columns);
  char *output = part_of<Element>(arguments.output, place.row, columns);
  char *signs = part_of(arguments.signs, place.row, columns, 1);
  uint64_t element = Decisions::element_of(layer, place.row, columns);
  uint32_t rows = place.rows;
  Octet<Element> next = load_octet<Element>(product, columns);
#pragma unroll 1
  for (;;) {
    Octet<Element> added{};
    if (arguments.residual.start != nullptr) {
      added = load_octet<Element>(residual, columns);
    }
    const jdropout_quad words = decisions.words(layer, element);
    float values[8];
    next.widen(values);
    const bool has_next = rows > layer.step;
    if (has_next) {
      product += arguments.product.step_bytes;
      next = load_octet<Element>(product, columns);
    }
    if (arguments.bias != nullptr) {
      add(bias, values);
    }
    if (arguments.signs.start != nullptr) {
      /* Bits after the last column are 0, as their elements are. */
      store(signs, static_cast<uint8_t>(sign_bits(values)));
    }
    activate(layer.activation, values);
#pragma unroll
    for (int j = 0; j < 8; j++) {
      values[j] = F32::drop(values[j], layer.factor, decisions.keeps(words, j));
    }
    if (arguments.residual.start != nullptr) {
      add(added, values);
    }
    store_octet<Element>(output, columns, values);
    if (!has_next) {
      return;
    }
    rows -= layer.step;
    residual += arguments.residual.step_bytes;
    output += arguments.output.step_bytes;
    signs += arguments.signs.step_bytes;
    element += layer.index_step;
  }
}

template <typename Element, typename Arguments>
__device__ __forceinline__ void epilogue(const Arguments &arguments,
                                         const PhiloxSchedule &schedule) {
  const Layer &layer = arguments.layer;
  const Decisions decisions{schedule, arguments.draw.threshold, arguments.draw.first_quad};
  for_each_tile(layer, TILE_ROWS, [&](const Tile &, const Place &place) {
    /* Sign bits are written up to the end of a word. */
    const bool has_part =
        place.columns.count > 0 || place.columns.octet < arguments.signs.row_bytes;
    if (has_part && place.rows > 0) {
      compute_columns<Element>(arguments, decisions, place);
    }
  });
}

template <typename Element>
__device__ __forceinline__ void epilogue(const EpilogueArguments &arguments) {
  epilogue<Element>(arguments, arguments.draw.schedule);
}

template <typename Element>
__device__ __forceinline__ void epilogue(const EpilogueDeviceKeyArguments &arguments) {
  epilogue<Element>(arguments, load_schedule(arguments.draw.key));
}

}  // namespace jdropout

/* With the key in the launch. */

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_epilogue_f32(const jdropout::EpilogueArguments arguments) {
  jdropout::epilogue<jdropout::F32>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_epilogue_f16(const jdropout::EpilogueArguments arguments) {
  jdropout::epilogue<jdropout::F16>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_epilogue_bf16(const jdropout::EpilogueArguments arguments) {
  jdropout::epilogue<jdropout::Bf16>(arguments);
}

/* With the key in device memory. */

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_epilogue_f32_device_key(const jdropout::EpilogueDeviceKeyArguments arguments) {
  jdropout::epilogue<jdropout::F32>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_epilogue_f16_device_key(const jdropout::EpilogueDeviceKeyArguments arguments) {
  jdropout::epilogue<jdropout::F16>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_epilogue_bf16_device_key(const jdropout::EpilogueDeviceKeyArguments arguments) {
  jdropout::epilogue<jdropout::Bf16>(arguments);
}
