/* Kernels with one fault each. */

extern "C" __global__ void write_past_end(float *out, int count) {
  const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
  if (i <= count) {
    out[i] = 1;
  }
}

extern "C" __global__ void read_before_start(const uint8_t *in, uint8_t *out) {
  out[threadIdx.x] = in[(int)threadIdx.x - 1];
}

extern "C" __global__ void write_past_end_in_vectors(uint4 *out, int count) {
  const int i = (int)threadIdx.x;
  if (i * 4 < count) {
    __stcs(out + i, make_uint4(1, 2, 3, 4));
  }
}

extern "C" __global__ void misaligned_vector(const unsigned char *in, uint4 *out) {
  out[threadIdx.x] = __ldcs(reinterpret_cast<const uint4 *>(in + 4) + threadIdx.x);
}

extern "C" __global__ void misaligned_dereference(unsigned char *out) {
  const uint2 value = {1, 2};
  *(reinterpret_cast<uint2 *>(out + 4)) = value;
}

extern "C" __global__ void misaligned_word(const unsigned char *in, unsigned *out) {
  *out = *reinterpret_cast<const unsigned *>(in + 2);
}

extern "C" __global__ void race_on_write(uint32_t *out) { out[threadIdx.x / 2] = threadIdx.x; }

extern "C" __global__ void race_between_blocks(uint32_t *out) {
  if (threadIdx.x == 0) {
    *out = blockIdx.x;
  }
}

extern "C" __global__ void race_with_reader(const uint32_t *in, uint32_t *out) {
  out[threadIdx.x] = in[(threadIdx.x + 1) % blockDim.x];
}

extern "C" __global__ void read_modify_write(uint8_t *bits) {
  bits[threadIdx.x / 8] = (uint8_t)(bits[threadIdx.x / 8] | 1u << (threadIdx.x % 8));
}

extern "C" __global__ void missing_barrier(const float *in, float *out) {
  __shared__ float tile[256];
  tile[threadIdx.x] = in[threadIdx.x];
  out[threadIdx.x] = tile[blockDim.x - 1 - threadIdx.x];
}

extern "C" __global__ void shared_not_written(float *out) {
  __shared__ float tile[64];
  if (blockIdx.x == 0) {
    tile[threadIdx.x] = 1;
  }
  __syncthreads();
  out[blockIdx.x * blockDim.x + threadIdx.x] = tile[threadIdx.x];
}

extern "C" __global__ void divergent_shuffle(uint32_t *out) {
  if (threadIdx.x < 20) {
    out[threadIdx.x] = __shfl_sync(0xFFFFFFFFu, threadIdx.x, 0);
  }
}

extern "C" __global__ void shuffle_of_others(uint32_t *out) {
  out[threadIdx.x] = __shfl_sync(0xFFFFu, threadIdx.x, 0);
}

extern "C" __global__ void shuffle_from_outside(uint32_t *out) {
  if (threadIdx.x < 16) {
    out[threadIdx.x] = __shfl_sync(0xFFFFu, threadIdx.x, 20);
  }
}

extern "C" __global__ void shuffle_meets_vote(uint32_t *out) {
  out[threadIdx.x] =
      threadIdx.x < 16 ? __shfl_sync(0xFFFFFFFFu, threadIdx.x, 0) : __ballot_sync(0xFFFFFFFFu, 1);
}

extern "C" __global__ void different_masks(uint32_t *out) {
  out[threadIdx.x] = __shfl_sync(threadIdx.x < 16 ? 0xFFFFFFFFu : 0xFFFFFFFEu, threadIdx.x, 1);
}

extern "C" __global__ void divergent_barrier(uint32_t *out) {
  if (threadIdx.x < 40) {
    __syncthreads();
  }
  out[threadIdx.x] = 1;
}

extern "C" __global__ void barrier_meets_shuffle(uint32_t *out) {
  if (threadIdx.x < 48) {
    __syncthreads();
  } else {
    out[0] = __shfl_sync(0xFFFFFFFFu, 1u, 1);
  }
}

extern "C" __global__ void stops(uint32_t *out) {
  if (threadIdx.x == 3) {
    __trap();
  }
  out[threadIdx.x] = 1;
}
