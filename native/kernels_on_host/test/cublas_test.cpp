// The stand-in for cuBLAS: products of small integers, which are exact in any order, and what it
// refuses.
#include "cublas_api.h"
#include "harness.h"

namespace {

constexpr int F32 = 0;
constexpr int F16 = 2;
constexpr int BF16 = 14;
constexpr int COMPUTE_32F = 68;
constexpr int NO_16_BIT_SUMS = 16;

constexpr int M = 5;
constexpr int N = 4;
constexpr int K = 7;

class Handle {
 public:
  explicit Handle(const TestContext &context) {
    OK(cublasCreate_v2(&handle));
    OK(cublasSetStream_v2(handle, context.stream));
  }
  ~Handle() { cublasDestroy_v2(handle); }
  Handle(const Handle &) = delete;
  Handle &operator=(const Handle &) = delete;

  void *handle = nullptr;
};

/* Column-major, of float. */
struct Matrix {
  int rows;
  int columns;
  std::vector<float> values;

  float at(int row, int column, bool is_transposed) const {
    const int place = is_transposed ? row * rows + column : column * rows + row;
    return values[static_cast<size_t>(place)];
  }
};

Matrix matrix(int rows, int columns, int seed) {
  Matrix made{rows, columns, {}};
  for (int i = 0; i < rows * columns; i++) {
    made.values.push_back(static_cast<float>((i * seed) % 11 - 5));
  }
  return made;
}

int multiply(const Handle &on, int ta, int tb, const Buffer<float> &a, int lda,
             const Buffer<float> &b, int ldb, float alpha, float beta, const Buffer<float> &c) {
  return cublasGemmEx(on.handle, ta, tb, M, N, K, &alpha, a.pointer(), F32, lda, b.pointer(), F32,
                      ldb, &beta, c.pointer(), F32, M, COMPUTE_32F, -1);
}

void test_transpositions(const TestContext &context) {
  const Handle on(context);
  for (const int ta : {0, 1}) {
    for (const int tb : {0, 1}) {
      const Matrix a = ta != 0 ? matrix(K, M, 3) : matrix(M, K, 3);
      const Matrix b = tb != 0 ? matrix(N, K, 7) : matrix(K, N, 7);
      const Matrix before = matrix(M, N, 5);
      const Buffer<float> a_there(a.values);
      const Buffer<float> b_there(b.values);
      const Buffer<float> c_there(before.values);
      OK(multiply(on, ta, tb, a_there, a.rows, b_there, b.rows, 2, 3, c_there));
      CHECK(c_there.values() == before.values, "a product did not wait for its stream");
      OK(cuStreamSynchronize(context.stream));
      const std::vector<float> after = c_there.values();
      for (int row = 0; row < M; row++) {
        for (int column = 0; column < N; column++) {
          float sum = 0;
          for (int term = 0; term < K; term++) {
            sum += a.at(row, term, ta != 0) * b.at(term, column, tb != 0);
          }
          const float expected = 2 * sum + 3 * before.at(row, column, false);
          const float actual = after[static_cast<size_t>(column * M + row)];
          CHECK(actual == expected, "%d %d at %d, %d: %g, not %g", ta, tb, row, column,
                static_cast<double>(actual), static_cast<double>(expected));
        }
      }
    }
  }
}

/* 2049 is no number of binary16; 257 none of bfloat16. */
void test_sums_of_16_bits(const TestContext &context) {
  const Handle on(context);
  for (const int type : {F16, BF16}) {
    const auto one = static_cast<uint16_t>(type == F16 ? 0x3C00 : 0x3F80);
    const Buffer<uint16_t> ones(std::vector<uint16_t>(2 * 3 * 2100, one));
    const Buffer<float> sum(2);
    const float alpha = 1;
    const float beta = 0;
    for (const int mode : {0, NO_16_BIT_SUMS}) {
      OK(cublasSetMathMode(on.handle, mode));
      const int terms = 3 * 2100;
      OK(cublasGemmStridedBatchedEx_64(on.handle, 1, 0, 1, 1, terms, &alpha, ones.pointer(), type,
                                       terms, terms, ones.pointer(), type, terms, 0, &beta,
                                       sum.pointer(), F32, 1, 1, 2, COMPUTE_32F, -1));
      OK(cuStreamSynchronize(context.stream));
      for (const float value : sum.values()) {
        CHECK((value == static_cast<float>(terms)) == (mode == NO_16_BIT_SUMS), "type %d: %g", type,
              static_cast<double>(value));
      }
    }
  }
}

void test_graphs_and_workspace(const TestContext &context) {
  const Handle on(context);
  const Buffer<unsigned char> workspace(std::vector<unsigned char>(1024, 0xAB));
  OK(cublasSetWorkspace_v2(on.handle, workspace.pointer(), workspace.bytes()));
  CHECK_STATUS(7, cublasSetWorkspace_v2(on.handle, workspace.pointer() + 16, 512));
  const Buffer<float> a(matrix(M, K, 3).values);
  const Buffer<float> b(matrix(K, N, 7).values);
  const Buffer<float> c(std::vector<float>(M * N, 1));
  void *graph = nullptr;
  void *executable = nullptr;
  OK(cuStreamBeginCapture_v2(context.stream, 1));
  OK(multiply(on, 0, 0, a, M, b, K, 0, 2, c));
  OK(cuStreamEndCapture(context.stream, &graph));
  OK(cuGraphInstantiateWithFlags(&executable, graph, 0));
  OK(cuGraphDestroy(graph));
  CHECK(c.values()[0] == 1 && workspace.values()[0] == 0xAB, "a capture ran something");
  for (int run = 0; run < 3; run++) {
    OK(cuGraphLaunch(executable, context.stream));
  }
  OK(cuStreamSynchronize(context.stream));
  CHECK(c.values()[0] == 8, "%g", static_cast<double>(c.values()[0]));
  CHECK(workspace.values()[0] != 0xAB, "the workspace was not used");
  OK(cuGraphExecDestroy(executable));
}

void test_refusals(const TestContext &context) {
  const Handle on(context);
  const Buffer<float> a(matrix(M, K, 3).values);
  const Buffer<float> b(matrix(K, N, 7).values);
  const Buffer<float> c(std::vector<float>(M * N, 1));
  CHECK_STATUS(7, multiply(on, 0, 0, a, M - 1, b, K, 1, 0, c));
  CHECK_STATUS(7, multiply(on, 2, 0, a, M, b, K, 1, 0, c));
  const float one = 1;
  CHECK_STATUS(7, cublasGemmEx(on.handle, 0, 0, M, N, 0, &one, a.pointer(), F32, M, b.pointer(),
                               F32, K, &one, c.pointer(), F32, M, COMPUTE_32F, -1));
  CHECK_STATUS(15, cublasGemmEx(on.handle, 0, 0, M, N, K, &one, a.pointer(), F32, M, b.pointer(),
                                F32, K, &one, c.pointer(), F16, M, COMPUTE_32F, -1));
  CHECK_STATUS(15, cublasGemmEx(on.handle, 0, 0, M, N, K, &one, a.pointer(), F32, M, b.pointer(),
                                F32, K, &one, c.pointer(), F32, M, 77, -1));
  CHECK_STATUS(1, cublasSetStream_v2(nullptr, nullptr));
  kernels_on_host_fail("cublasGemmEx:1:14");
  CHECK_STATUS(14, multiply(on, 0, 0, a, M, b, K, 1, 0, c));
  OK(multiply(on, 0, 0, a, M, b, K, 1, 0, c));
  void *other = nullptr;
  OK(cuCtxCreate_v2(&other, 0, 0));
  CHECK_STATUS(13, multiply(on, 0, 0, a, M, b, K, 1, 0, c));
  OK(cuCtxDestroy_v2(other));
}

/* Memory is looked at when the product's turn comes. */
void test_bounds(const TestContext &context) {
  const Handle on(context);
  const Buffer<float> a(matrix(M, K, 3).values);
  const Buffer<float> short_b(K * N - 1);
  const Buffer<float> c(std::vector<float>(M * N, 1));
  OK(multiply(on, 0, 0, a, M, short_b, K, 1, 0, c));
  CHECK_STATUS(700, cuStreamSynchronize(context.stream));
  CHECK(std::strstr(kernels_on_host_report(), "cuBLAS, B: 112 bytes at") != nullptr, "the report");
  kernels_on_host_clear();
}

}  // namespace

int main() {
  void *handle = nullptr;
  CHECK_STATUS(1, cublasCreate_v2(&handle));
  const TestContext context;
  int version = 0;
  OK(cublasGetProperty(0, &version));
  CHECK(version == 12, "version %d", version);
  OK(cublasGetVersion_v2(nullptr, &version));
  CHECK(version / 10000 == 12, "version %d", version);
  test_transpositions(context);
  test_sums_of_16_bits(context);
  test_graphs_and_workspace(context);
  test_refusals(context);
  test_bounds(context);
  CHECK(cublasOnHostHandles() == 0, "handles are left");
  return 0;
}
