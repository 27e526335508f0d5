/*
 * A product of dropped rows with few others: output = dropout(input) * weights^T. What goes into an
 * adapter of LoRA, whose rank is the number of weights' rows.
 *
 * One block: 32 rows of the input, of which each of its eight warps multiplies an eighth of the
 * columns; their sums meet in shared memory. A thread loads eight columns of four rows, then drops
 * them and keeps them in registers: the dropped input is never in memory. Where a row begins with a
 * quad, one quad decides about eight columns. Memory: each element of the input is read once, 2
 * bytes, beside the weights, which stay in the cache. Tail: rows, columns and weights that do not
 * exist are zeros. Launch bound: 256 threads, and registers for two blocks.
 *
 * Only for compute capability 8.0 and newer, for columns in multiples of 8 at multiples of 16 bytes,
 * and for at most 32 rows of weights; more take a launch for each 32, which reads the input again.
 */
#include "layer.cuh"
#include "mma.cuh"

namespace jdropout {

constexpr uint32_t WARPS = 8;
constexpr uint32_t BLOCK_ROWS = 32;
constexpr uint32_t MAX_WEIGHT_ROWS = 32;

/* Of rows of weights, eight to a tile; and of a block's rows, sixteen to a tile. */
constexpr uint32_t WEIGHT_TILES = MAX_WEIGHT_ROWS / 8;
constexpr uint32_t ROW_TILES = BLOCK_ROWS / 16;

struct Sums {
  float values[ROW_TILES][WEIGHT_TILES][4];
};

/* Two octets of a lane, at the same columns of rows eight apart, and one of the weights. */
template <typename Format>
__device__ __forceinline__ void multiply_octets(const Octet<SixteenBits<Format>> &upper,
                                                const Octet<SixteenBits<Format>> &lower,
                                                const Octet<SixteenBits<Format>> &weights,
                                                float (&sums)[4]) {
#pragma unroll
  for (int pair = 0; pair < 4; pair += 2) {
    const Fragment fragment{
        {upper.pairs[pair], lower.pairs[pair], upper.pairs[pair + 1], lower.pairs[pair + 1]},
        {weights.pairs[pair], weights.pairs[pair + 1]}};
    multiply_add(Format{}, fragment, sums);
  }
}

/* The octet of a row; zeros where there is none. */
template <typename Element>
__device__ __forceinline__ Octet<Element> input_octet(const ProductArguments &arguments,
                                                      uint64_t row, const Columns &columns) {
  return row < arguments.layer.rows && columns.count != 0
             ? Octet<Element>::load(part_of<Element>(arguments.input, row, columns))
             : Octet<Element>{};
}

template <typename Element>
__device__ __forceinline__ Octet<Element> weights_octet(const ProductArguments &arguments,
                                                        uint32_t row, const Columns &columns) {
  return row < arguments.weight_rows && columns.count != 0
             ? Octet<Element>::load_cached(part_of<Element>(arguments.weights, row, columns))
             : Octet<Element>{};
}

/* Drops an octet; one that does not exist stays zeros. */
template <typename Element>
__device__ __forceinline__ void drop(const ProductArguments &arguments, const Decisions &decisions,
                                     uint64_t row, const Columns &columns, Octet<Element> &octet) {
  const Layer &layer = arguments.layer;
  if (row >= layer.rows || columns.count == 0) {
    return;
  }
  const jdropout_quad words = decisions.words(layer, Decisions::element_of(layer, row, columns));
  float values[8];
  octet.widen(values);
#pragma unroll
  for (int j = 0; j < 8; j++) {
    values[j] = F32::drop(values[j], layer.factor, decisions.keeps(words, j));
  }
  octet = Octet<Element>::round(values);
}

/* Adds up a warp's part of the columns. */
template <typename Format>
__device__ __forceinline__ void multiply_columns(const ProductArguments &arguments,
                                                 const Decisions &decisions, uint64_t first_row,
                                                 Sums &sums) {
  using Element = SixteenBits<Format>;
  const uint32_t group = threadIdx.x % 32 / 4;
  const uint32_t member = threadIdx.x % 4;
  /* All lanes of a warp make the same turns. */
  for (uint64_t first = threadIdx.x / 32 * 4; 8 * first < arguments.layer.columns;
       first += 4 * WARPS) {
    const Columns columns = columns_at(arguments.layer, first + member);
    Octet<Element> octets[2 * ROW_TILES];
    /* All loads are under way before the first mask is drawn. */
#pragma unroll
    for (uint32_t i = 0; i < 2 * ROW_TILES; i++) {
      octets[i] = input_octet<Element>(arguments, first_row + 8 * i + group, columns);
    }
#pragma unroll
    for (uint32_t i = 0; i < 2 * ROW_TILES; i++) {
      drop(arguments, decisions, first_row + 8 * i + group, columns, octets[i]);
    }
#pragma unroll
    for (uint32_t tile = 0; tile < WEIGHT_TILES; tile++) {
      if (8 * tile >= arguments.weight_rows) {
        break;
      }
      const Octet<Element> weights = weights_octet<Element>(arguments, 8 * tile + group, columns);
      /* The lanes multiply together, and what is at the edges has taken them apart. */
      __syncwarp();
#pragma unroll
      for (uint32_t i = 0; i < ROW_TILES; i++) {
        multiply_octets<Format>(octets[2 * i], octets[2 * i + 1], weights, sums.values[i][tile]);
      }
    }
  }
}

/* Leaves the sums of all warps in the first: halves of the warps are added, in a fixed order. */
__device__ __forceinline__ void gather(Sums &sums) {
  __shared__ float exchanged[WARPS / 2][sizeof(Sums) / sizeof(float)][32];
  const uint32_t warp = threadIdx.x / 32;
  const uint32_t lane = threadIdx.x % 32;
  float *values = &sums.values[0][0][0];
#pragma unroll
  for (uint32_t half = WARPS / 2; half > 0; half /= 2) {
    if (warp >= half && warp < 2 * half) {
#pragma unroll
      for (uint32_t i = 0; i < sizeof(Sums) / sizeof(float); i++) {
        exchanged[warp - half][i][lane] = values[i];
      }
    }
    __syncthreads();
    if (warp < half) {
#pragma unroll
      for (uint32_t i = 0; i < sizeof(Sums) / sizeof(float); i++) {
        values[i] += exchanged[warp][i][lane];
      }
    }
    __syncthreads();
  }
}

template <typename Format>
__device__ __forceinline__ void store_sums(const ProductArguments &arguments, uint64_t first_row,
                                           const Sums &sums) {
  using Element = SixteenBits<Format>;
  const uint32_t lane = threadIdx.x % 32;
#pragma unroll
  for (uint32_t i = 0; i < ROW_TILES; i++) {
#pragma unroll
    for (uint32_t tile = 0; tile < WEIGHT_TILES; tile++) {
#pragma unroll
      for (uint32_t at = 0; at < 4; at++) {
        const uint64_t row = first_row + 16 * i + lane / 4 + at / 2 * 8;
        const uint32_t column = 8 * tile + lane % 4 * 2 + at % 2;
        if (row < arguments.layer.rows && column < arguments.weight_rows) {
          char *address = static_cast<char *>(arguments.output.start) +
                          row * arguments.output.row_bytes +
                          column * sizeof(typename Element::Storage);
          store(address, static_cast<typename Element::Storage>(
                             Format::pack(sums.values[i][tile][at], 0.0f)));
        }
      }
    }
  }
}

template <typename Format>
__device__ __forceinline__ void product(const ProductArguments &arguments) {
  const Decisions decisions{arguments.draw.schedule, arguments.draw.threshold,
                            arguments.draw.first_quad};
  const uint64_t tiles = (arguments.layer.rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
  for (uint64_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    Sums sums{};
    multiply_columns<Format>(arguments, decisions, tile * BLOCK_ROWS, sums);
    gather(sums);
    if (threadIdx.x < 32) {
      store_sums<Format>(arguments, tile * BLOCK_ROWS, sums);
    }
  }
}

}  // namespace jdropout

extern "C" __global__ void __launch_bounds__(32 * jdropout::WARPS, 2)
    dropout_product_f16(const jdropout::ProductArguments arguments) {
  jdropout::product<jdropout::HalfFormat>(arguments);
}

extern "C" __global__ void __launch_bounds__(32 * jdropout::WARPS, 2)
    dropout_product_bf16(const jdropout::ProductArguments arguments) {
  jdropout::product<jdropout::Bfloat16Format>(arguments);
}
