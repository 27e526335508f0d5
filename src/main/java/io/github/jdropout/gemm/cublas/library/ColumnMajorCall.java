package io.github.jdropout.gemm.cublas.library;

import static io.github.jdropout.gemm.cublas.library.CublasConstants.CUBLAS_OP_N;
import static io.github.jdropout.gemm.cublas.library.CublasConstants.CUBLAS_OP_T;
import static io.github.jdropout.gemm.cublas.library.CublasConstants.CUDA_R_16BF;
import static io.github.jdropout.gemm.cublas.library.CublasConstants.CUDA_R_16F;
import static io.github.jdropout.gemm.cublas.library.CublasConstants.CUDA_R_32F;

import io.github.jdropout.gemm.Batches;
import io.github.jdropout.gemm.GemmCall;
import io.github.jdropout.gemm.Transpose;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Matrix;

/**
 * A call's arguments as cuBLAS wants them, whose matrices are column-major.
 *
 * <p>Memory that holds a row-major matrix holds its transpose in column-major order. So the
 * product's transpose is asked for: {@code c' = b' * a'}, the right factor first, with as many rows
 * as the result has columns.
 *
 * @param a the first factor of cuBLAS, which is the call's right one
 * @param b its second factor, the call's left one
 * @param c the result
 * @param m rows of cuBLAS's result, columns of the call's
 * @param n columns of cuBLAS's result, rows of the call's
 * @param k terms of each sum
 * @param count number of products
 */
public record ColumnMajorCall(
    Factor a, Factor b, Place c, long m, long n, long k, float alpha, float beta, long count) {
  /**
   * A matrix in device memory.
   *
   * @param type a {@code cudaDataType}
   * @param leading elements from the start of a column to that of the next
   * @param stride elements from one matrix to the next
   */
  public record Place(long address, int type, long leading, long stride) {}

  /**
   * A factor.
   *
   * @param operation a {@code cublasOperation_t}
   */
  public record Factor(int operation, Place place) {}

  /**
   * Translates a call.
   *
   * @throws IllegalArgumentException if its matrices are not in device memory
   */
  public static ColumnMajorCall of(GemmCall call) {
    Batches batches = call.batches();
    return new ColumnMajorCall(
        new Factor(operation(call.transposeB()), place(call.b(), batches.strideB())),
        new Factor(operation(call.transposeA()), place(call.a(), batches.strideA())),
        place(call.c(), batches.strideC()),
        call.n(),
        call.m(),
        call.k(),
        call.alpha(),
        call.beta(),
        batches.count());
  }

  private static int operation(Transpose transpose) {
    return transpose == Transpose.YES ? CUBLAS_OP_T : CUBLAS_OP_N;
  }

  private static Place place(Matrix matrix, long stride) {
    if (!(matrix instanceof DeviceMatrix device)) {
      throw new IllegalArgumentException(
          "matrices must be in the memory of a GPU but there is " + matrix);
    }
    return new Place(device.address(), type(device.type()), device.shape().rowStride(), stride);
  }

  private static int type(ElementType type) {
    return switch (type) {
      case F32 -> CUDA_R_32F;
      case F16 -> CUDA_R_16F;
      case BF16 -> CUDA_R_16BF;
      case F64 -> throw new IllegalArgumentException("type must be f32, f16 or bf16 but is f64");
    };
  }

  /** Returns whether a size needs more than 32 bits, and so the functions that take 64. */
  public boolean isWide() {
    return isWide(m)
        || isWide(n)
        || isWide(k)
        || isWide(a.place.leading)
        || isWide(b.place.leading)
        || isWide(c.leading);
  }

  private static boolean isWide(long size) {
    return size > Integer.MAX_VALUE;
  }

  /** Returns the function of cuBLAS that does this. */
  public String function() {
    return (count == 1 ? "cublasGemmEx" : "cublasGemmStridedBatchedEx") + (isWide() ? "_64" : "");
  }
}
