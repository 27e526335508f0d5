package io.github.jdropout.gemm.cublas.library;

import java.lang.foreign.MemorySegment;

/**
 * The functions of cuBLAS that this library calls, one method each.
 *
 * <p>Every method returns cuBLAS's status, 0 for success; none throws. Handles and device pointers
 * are raw 64-bit values. A handle belongs to the context that is current when it is created, which
 * must be current in every call with it.
 */
public interface CublasLibrary {
  /** Returns one line for people: version, library and binding. */
  String description();

  /** Returns whether there are the functions that take sizes of 64 bits. */
  boolean takesWideSizes();

  /** {@code cublasCreate_v2}. */
  int create(long[] handle);

  /** {@code cublasDestroy_v2}. */
  int destroy(long handle);

  /** {@code cublasSetStream_v2}; forgets a workspace. */
  int setStream(long handle, long stream);

  /** {@code cublasSetWorkspace_v2}. */
  int setWorkspace(long handle, long address, long byteSize);

  /** {@code cublasSetMathMode}; {@code mode} is a {@code cublasMath_t}. */
  int setMathMode(long handle, int mode);

  /**
   * {@link ColumnMajorCall#function()}, with sums in binary32.
   *
   * @param scalars native memory for the call's alpha and beta, at least 8 bytes, aligned to 4; the
   *     caller's own during the call
   */
  int multiply(long handle, ColumnMajorCall call, MemorySegment scalars);
}
