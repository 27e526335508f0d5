/*
 * The gradient of a layer's end with respect to the product, and the first sums of the bias's.
 *
 * One thread: the same eight columns in two rows of a tile of 32 rows, the second loaded while the
 * first is computed. Memory: each element of the output's gradient is read once, as is the product
 * where the activation needs it, and each of the product's gradient is written once: 4 or 6 bytes
 * (f16, bf16), 8 or 12 (f32). Sums: the rows of a tile are a group; their gradients meet in shared
 * memory, where a thread adds those of a column in order. Walking down 32 rows instead would leave a
 * matrix of 2048 columns and 4096 rows to 32768 threads, a third of what 132 multiprocessors run at
 * once; so it has 2048 tiles of 256. Tail: as in dropout_epilogue.cu. Launch bound: 256 threads and
 * registers for three blocks, as there.
 */
#include "activation.cuh"
#include "layer.cuh"

namespace jdropout {

/* A group of rows, whose gradients are summed first. */
constexpr uint32_t GROUP_ROWS = 32;

constexpr uint32_t TILE_COLUMNS = 8 * TILE_OCTETS;

/* Blocks per multiprocessor. */
constexpr int BLOCKS = 3;

/*
 * The gradients of a tile, before they are rounded. A row has the first halves of all octets, then
 * the second ones: so what a warp writes at once is contiguous, and what it reads.
 */
struct Gradients {
  alignas(16) float rows[GROUP_ROWS][TILE_COLUMNS];

  __device__ __forceinline__ void set(uint32_t row, uint32_t octet, const float (&values)[8]) {
    float *address = &rows[row][4 * octet];
    *reinterpret_cast<float4 *>(address) = make_float4(values[0], values[1], values[2], values[3]);
    *reinterpret_cast<float4 *>(address + TILE_COLUMNS / 2) =
        make_float4(values[4], values[5], values[6], values[7]);
  }

  /* Returns which column of the tile is at a place of each row. */
  __device__ __forceinline__ static uint32_t column_at(uint32_t place) {
    const uint32_t octet = place % (TILE_COLUMNS / 2) / 4;
    return 8 * octet + place / (TILE_COLUMNS / 2) * 4 + place % 4;
  }
};

/* Adds each column's gradients to +0, from the first row on. All threads of the block come here. */
__device__ __forceinline__ void write_sums(const Layer &layer, const Matrix &group_sums,
                                           const Tile &tile, const Gradients &gradients) {
  __syncthreads();
  float *sums = reinterpret_cast<float *>(static_cast<char *>(group_sums.start) +
                                          tile.first_row / GROUP_ROWS * group_sums.row_bytes);
  for (uint32_t place = threadIdx.x; place < TILE_COLUMNS; place += blockDim.x) {
    const uint64_t column = 8 * tile.first_octet + Gradients::column_at(place);
    if (column < layer.columns) {
      float sum = 0.0f;
      for (uint32_t row = 0; row < tile.rows; row++) {
        sum = sum + gradients.rows[row][place];
      }
      sums[column] = sum;
    }
  }
  /* The next tile's gradients wait until these have been read. */
  __syncthreads();
}

/* Computes a thread's part of a tile, of at least one row and column. */
template <typename Element, typename Arguments>
__device__ __forceinline__ void compute_columns(const Arguments &arguments,
                                                const Decisions &decisions, const Place &place,
                                                Gradients &gradients) {
  const Layer &layer = arguments.layer;
  const Columns &columns = place.columns;
  const Octet<Element> bias = load_bias<Element>(arguments.bias, columns);
  const char *grad_output = part_of<Element>(arguments.grad_output, place.row, columns);
  const char *product = part_of<Element>(arguments.product, place.row, columns);
  const char *signs = part_of(arguments.signs, place.row, columns, 1);
  char *grad_product = part_of<Element>(arguments.grad_product, place.row, columns);
  uint64_t element = Decisions::element_of(layer, place.row, columns);
  uint32_t row = threadIdx.x / TILE_OCTETS;
  uint32_t rows = place.rows;
  Octet<Element> next = load_octet<Element>(grad_output, columns);
#pragma unroll 1
  for (;;) {
    Octet<Element> factor{};
    if (layer.activation > RELU) {
      factor = load_octet<Element>(product, columns);
    }
    uint32_t sign = 0xFF;
    if (layer.activation == RELU) {
      sign = load<uint8_t>(signs);
    }
    const jdropout_quad words = decisions.words(layer, element);
    float values[8];
    next.widen(values);
    const bool has_next = rows > layer.step;
    if (has_next) {
      grad_output += arguments.grad_output.step_bytes;
      next = load_octet<Element>(grad_output, columns);
    }
#pragma unroll
    for (int j = 0; j < 8; j++) {
      values[j] = values[j] * layer.factor;
    }
    if (layer.activation > RELU) {
      float derivatives[8];
      factor.widen(derivatives);
      if (arguments.bias != nullptr) {
        add(bias, derivatives);
      }
      differentiate(layer.activation, derivatives);
#pragma unroll
      for (int j = 0; j < 8; j++) {
        values[j] = values[j] * derivatives[j];
      }
    }
#pragma unroll
    for (int j = 0; j < 8; j++) {
      const bool passes = decisions.keeps(words, j) && (sign >> j & 1) != 0;
      values[j] = passes ? values[j] : 0.0f;
    }
    store_octet<Element>(grad_product, columns, values);
    if (arguments.group_sums.start != nullptr) {
      gradients.set(row, threadIdx.x % TILE_OCTETS, values);
    }
    if (!has_next) {
      return;
    }
    rows -= layer.step;
    product += arguments.product.step_bytes;
    signs += arguments.signs.step_bytes;
    grad_product += arguments.grad_product.step_bytes;
    element += layer.index_step;
    row += layer.step;
  }
}

template <typename Element, typename Arguments>
__device__ __forceinline__ void epilogue_gradient(const Arguments &arguments,
                                                  const PhiloxSchedule &schedule) {
  __shared__ Gradients gradients;
  const Layer &layer = arguments.layer;
  const Decisions decisions{schedule, arguments.draw.threshold, arguments.draw.first_quad};
  for_each_tile(layer, GROUP_ROWS, [&](const Tile &tile, const Place &place) {
    if (place.columns.count > 0 && place.rows > 0) {
      compute_columns<Element>(arguments, decisions, place, gradients);
    }
    if (arguments.group_sums.start != nullptr) {
      write_sums(layer, arguments.group_sums, tile, gradients);
    }
  });
}

template <typename Element>
__device__ __forceinline__ void epilogue_gradient(const EpilogueGradientArguments &arguments) {
  epilogue_gradient<Element>(arguments, arguments.draw.schedule);
}

template <typename Element>
__device__ __forceinline__ void epilogue_gradient(
    const EpilogueGradientDeviceKeyArguments &arguments) {
  epilogue_gradient<Element>(arguments, load_schedule(arguments.draw.key));
}

}  // namespace jdropout

/* With the key in the launch. */

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_epilogue_gradient_f32(const jdropout::EpilogueGradientArguments arguments) {
  jdropout::epilogue_gradient<jdropout::F32>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_epilogue_gradient_f16(const jdropout::EpilogueGradientArguments arguments) {
  jdropout::epilogue_gradient<jdropout::F16>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_epilogue_gradient_bf16(const jdropout::EpilogueGradientArguments arguments) {
  jdropout::epilogue_gradient<jdropout::Bf16>(arguments);
}

/* With the key in device memory. */

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_epilogue_gradient_f32_device_key(
        const jdropout::EpilogueGradientDeviceKeyArguments arguments) {
  jdropout::epilogue_gradient<jdropout::F32>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_epilogue_gradient_f16_device_key(
        const jdropout::EpilogueGradientDeviceKeyArguments arguments) {
  jdropout::epilogue_gradient<jdropout::F16>(arguments);
}

extern "C" __global__ void __launch_bounds__(jdropout::MAX_THREADS, jdropout::BLOCKS)
    dropout_epilogue_gradient_bf16_device_key(
        const jdropout::EpilogueGradientDeviceKeyArguments arguments) {
  jdropout::epilogue_gradient<jdropout::Bf16>(arguments);
}
