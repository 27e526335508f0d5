package io.github.jdropout.gemm.cublas.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jdropout.backend.cuda.driver.BindingException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * cuBLAS's functions; a record, because the JVM takes a record's handles for constants.
 *
 * @param property {@code cublasGetProperty}
 * @param create {@code cublasCreate_v2}
 * @param destroy {@code cublasDestroy_v2}
 * @param setStream {@code cublasSetStream_v2}
 * @param setWorkspace {@code cublasSetWorkspace_v2}
 * @param setMathMode {@code cublasSetMathMode}
 * @param multiply {@code cublasGemmEx}
 * @param multiplyBatch {@code cublasGemmStridedBatchedEx}
 * @param multiplyWide {@code cublasGemmEx_64}; null before CUDA 12
 * @param multiplyWideBatch {@code cublasGemmStridedBatchedEx_64}; null before CUDA 12
 */
record CublasFunctions(
    MethodHandle property,
    MethodHandle create,
    MethodHandle destroy,
    MethodHandle setStream,
    MethodHandle setWorkspace,
    MethodHandle setMathMode,
    MethodHandle multiply,
    MethodHandle multiplyBatch,
    MethodHandle multiplyWide,
    MethodHandle multiplyWideBatch) {
  /**
   * Links them all.
   *
   * @throws BindingException if the library lacks one that is needed
   */
  static CublasFunctions link(CublasLinkage linkage) throws BindingException {
    return new CublasFunctions(
        linkage.link("cublasGetProperty", JAVA_INT, ADDRESS),
        linkage.link("cublasCreate_v2", ADDRESS),
        linkage.link("cublasDestroy_v2", JAVA_LONG),
        linkage.link("cublasSetStream_v2", JAVA_LONG, JAVA_LONG),
        linkage.link("cublasSetWorkspace_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG),
        linkage.link("cublasSetMathMode", JAVA_LONG, JAVA_INT),
        linkage.link("cublasGemmEx", one(JAVA_INT)),
        linkage.link("cublasGemmStridedBatchedEx", batch(JAVA_INT)),
        linkage.find("cublasGemmEx_64", one(JAVA_LONG)).orElse(null),
        linkage.find("cublasGemmStridedBatchedEx_64", batch(JAVA_LONG)).orElse(null));
  }

  boolean takesWideSizes() {
    return multiplyWide != null && multiplyWideBatch != null;
  }

  private static MemoryLayout[] one(ValueLayout size) {
    return new MemoryLayout[] {
      JAVA_LONG, JAVA_INT, JAVA_INT, size, size, size, ADDRESS, //
      JAVA_LONG, JAVA_INT, size, //
      JAVA_LONG, JAVA_INT, size, ADDRESS, //
      JAVA_LONG, JAVA_INT, size, JAVA_INT, JAVA_INT
    };
  }

  private static MemoryLayout[] batch(ValueLayout size) {
    return new MemoryLayout[] {
      JAVA_LONG, JAVA_INT, JAVA_INT, size, size, size, ADDRESS, //
      JAVA_LONG, JAVA_INT, size, JAVA_LONG, //
      JAVA_LONG, JAVA_INT, size, JAVA_LONG, ADDRESS, //
      JAVA_LONG, JAVA_INT, size, JAVA_LONG, size, JAVA_INT, JAVA_INT
    };
  }
}
