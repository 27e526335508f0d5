/*
 * The walk over the matrices of a layer. A block works on tiles of 128 columns; a thread owns eight
 * of them, an octet, in every row that it visits, so it loads their bias once. 16 threads lie side
 * by side on a row, which are 256 contiguous bytes of 16-bit types; the rest on the rows below.
 *
 * The grid may have any number of blocks, and a block any number of whole warps: the result does
 * not depend on either.
 */
#pragma once

#include "arguments.cuh"
#include "divisor.cuh"
#include "keep.cuh"
#include "octet.cuh"
#include "tile.cuh"

namespace jdropout {

constexpr uint32_t TILE_OCTETS = 16;

/* A thread's eight columns. */
struct Columns {
  uint64_t octet; /* the first column is 8 * octet */
  uint32_t count; /* how many lie in the matrix, in [0, 8] */
  bool is_whole;  /* whether 16-byte accesses will do */
};

__device__ __forceinline__ Columns columns_at(const Layer &layer, uint64_t octet) {
  const uint64_t first = 8 * octet;
  const uint64_t rest = layer.columns > first ? layer.columns - first : 0;
  const uint32_t count = rest < 8 ? static_cast<uint32_t>(rest) : 8;
  return Columns{octet, count, count == 8 && layer.is_vector != 0};
}

/* A thread's place in a tile. */
struct Place {
  Columns columns;
  uint64_t row;  /* its first */
  uint32_t rows; /* from there to the end of the tile, perhaps none */
};

/* A block's place in the matrix. */
struct Tile {
  uint64_t first_octet;
  uint64_t first_row;
  uint32_t rows;
};

/* Walks over the tiles of a block; the body is given each, and the thread's place in it. */
template <typename Body>
__device__ __forceinline__ void for_each_tile(const Layer &layer, uint32_t tile_rows,
                                              const Body &body) {
  const uint64_t tiles = layer.column_tiles.value * ((layer.rows + tile_rows - 1) / tile_rows);
  const uint32_t below = threadIdx.x / TILE_OCTETS;
  for (uint64_t index = blockIdx.x; index < tiles; index += gridDim.x) {
    const Division position = divide(index, layer.column_tiles);
    Tile tile{position.remainder * TILE_OCTETS, position.quotient * tile_rows, tile_rows};
    if (layer.rows - tile.first_row < tile_rows) {
      tile.rows = static_cast<uint32_t>(layer.rows - tile.first_row);
    }
    const uint64_t octet = tile.first_octet + threadIdx.x % TILE_OCTETS;
    body(tile, Place{columns_at(layer, octet), tile.first_row + below,
                     below < tile.rows ? tile.rows - below : 0});
  }
}

/* Returns where a row's part of the columns begins, with so many bytes for an octet. */
__device__ __forceinline__ char *part_of(const Matrix &matrix, uint64_t row, const Columns &columns,
                                         uint64_t octet_bytes) {
  return static_cast<char *>(matrix.start) + row * matrix.row_bytes + columns.octet * octet_bytes;
}

template <typename Element>
__device__ __forceinline__ char *part_of(const Matrix &matrix, uint64_t row,
                                         const Columns &columns) {
  return part_of(matrix, row, columns, 8 * sizeof(typename Element::Storage));
}

template <typename Element>
__device__ __forceinline__ Octet<Element> load_octet(const char *address, const Columns &columns) {
  return columns.is_whole ? Octet<Element>::load(address)
                          : Octet<Element>::load_some(address, columns.count);
}

template <typename Element>
__device__ __forceinline__ void store_octet(char *address, const Columns &columns,
                                            const float (&values)[8]) {
  const Octet<Element> octet = Octet<Element>::round(values);
  if (columns.is_whole) {
    octet.store(address);
  } else {
    octet.store_some(address, columns.count);
  }
}

/* Loads the bias of the columns, in its storage type: that takes half of the registers. */
template <typename Element>
__device__ __forceinline__ Octet<Element> load_bias(const void *bias, const Columns &columns) {
  if (bias == nullptr) {
    return Octet<Element>{};
  }
  const uint64_t offset = columns.octet * (8 * sizeof(typename Element::Storage));
  return load_octet<Element>(static_cast<const char *>(bias) + offset, columns);
}

/* Adds an octet to eight numbers. */
template <typename Element>
__device__ __forceinline__ void add(const Octet<Element> &octet, float (&values)[8]) {
  float wide[8];
  octet.widen(wide);
#pragma unroll
  for (int j = 0; j < 8; j++) {
    values[j] = wide[j] + values[j];
  }
}

/* Decides about octets: where the mask begins, and how. */
struct Decisions {
  const PhiloxSchedule &schedule;
  uint32_t threshold;
  uint64_t first_quad;

  /* Returns the index of an octet's first element, counted from where the first quad begins. */
  __device__ __forceinline__ static uint64_t element_of(const Layer &layer, uint64_t row,
                                                        const Columns &columns) {
    return layer.first_lane + row * layer.index_stride + 8 * columns.octet;
  }

  /*
   * Returns the words of the octet from an element on, as if a quad began with it. Where one begins
   * elsewhere, two are drawn and their sixteen lanes shifted.
   */
  __device__ __forceinline__ jdropout_quad words(const Layer &layer, uint64_t element) const {
    if (layer.is_random == 0) {
      return jdropout_quad{};
    }
    const uint64_t index = first_quad + element / 8;
    const uint32_t lane = static_cast<uint32_t>(element % 8);
    jdropout_quad own;
    jdropout_quad next{};
    /* A loop, the later quad first: two copies of the drawing would keep the keys in registers. */
#pragma unroll 1
    for (uint64_t at = lane == 0 ? index : index + 1;; at--) {
      own = draw_quad(schedule, at);
      if (at == index) {
        break;
      }
      next = own;
    }
    return lane == 0 ? own : shifted(own, next, lane);
  }

  /* Whether an octet's element is kept. */
  __device__ __forceinline__ bool keeps(const jdropout_quad &words, int element) const {
    const uint32_t word = words.word[element / 2];
    return element % 2 == 0 ? keeps_lower(word, threshold) : keeps_upper(word, threshold);
  }

 private:
  /* In three steps of fixed distance: an array with a variable index would be in memory. */
  __device__ __forceinline__ static jdropout_quad shifted(const jdropout_quad &own,
                                                          const jdropout_quad &next,
                                                          uint32_t lane) {
    uint32_t lanes[8];
#pragma unroll
    for (int word = 0; word < 4; word++) {
      lanes[word] = own.word[word];
      lanes[word + 4] = next.word[word];
    }
#pragma unroll
    for (int word = 0; word < 6; word++) {
      lanes[word] = (lane & 4) != 0 ? lanes[word + 2] : lanes[word];
    }
#pragma unroll
    for (int word = 0; word < 5; word++) {
      lanes[word] = (lane & 2) != 0 ? lanes[word + 1] : lanes[word];
    }
    jdropout_quad quad;
#pragma unroll
    for (int word = 0; word < 4; word++) {
      quad.word[word] = __funnelshift_r(lanes[word], lanes[word + 1], 16 * (lane & 1));
    }
    return quad;
  }
};

}  // namespace jdropout
