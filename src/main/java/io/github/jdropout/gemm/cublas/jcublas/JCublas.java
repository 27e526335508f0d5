package io.github.jdropout.gemm.cublas.jcublas;

import static io.github.jdropout.gemm.cublas.library.CublasConstants.CUBLAS_COMPUTE_32F;
import static io.github.jdropout.gemm.cublas.library.CublasConstants.CUBLAS_GEMM_DEFAULT;
import static io.github.jdropout.gemm.cublas.library.CublasConstants.CUBLAS_STATUS_SUCCESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.jdropout.backend.cuda.jcuda.NativePointers;
import io.github.jdropout.gemm.cublas.library.ColumnMajorCall;
import io.github.jdropout.gemm.cublas.library.CublasLibrary;
import io.github.jdropout.gemm.cublas.library.CublasStatus;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.function.IntSupplier;
import jcuda.CudaException;
import jcuda.JCudaVersion;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.runtime.cudaStream_t;

/** cuBLAS 12 through JCublas2. */
final class JCublas implements CublasLibrary {
  private final String cublas;

  JCublas(String cublas) {
    this.cublas = cublas;
  }

  @Override
  public String description() {
    return cublas + " through JCublas " + JCudaVersion.get();
  }

  @Override
  public boolean takesWideSizes() {
    return true;
  }

  @Override
  public int create(long[] handle) {
    cublasHandle created = new cublasHandle();
    int status = statusOf(() -> JCublas2.cublasCreate(created));
    if (status == CUBLAS_STATUS_SUCCESS) {
      handle[0] = NativePointers.get(created);
    }
    return status;
  }

  @Override
  public int destroy(long handle) {
    return statusOf(() -> JCublas2.cublasDestroy(handle(handle)));
  }

  @Override
  public int setStream(long handle, long stream) {
    cudaStream_t object = NativePointers.set(new cudaStream_t(), stream);
    return statusOf(() -> JCublas2.cublasSetStream(handle(handle), object));
  }

  @Override
  public int setWorkspace(long handle, long address, long byteSize) {
    return statusOf(() -> JCublas2.cublasSetWorkspace(handle(handle), onDevice(address), byteSize));
  }

  @Override
  public int setMathMode(long handle, int mode) {
    return statusOf(() -> JCublas2.cublasSetMathMode(handle(handle), mode));
  }

  @Override
  public int multiply(long handle, ColumnMajorCall call, MemorySegment scalars) {
    scalars.setAtIndex(JAVA_FLOAT, 0, call.alpha());
    scalars.setAtIndex(JAVA_FLOAT, 1, call.beta());
    // By their addresses: to translate a pointer to an array takes JCublas longer.
    Pointer alpha = NativePointers.set(new Pointer(), scalars.address());
    Pointer beta = NativePointers.set(new Pointer(), scalars.address() + Float.BYTES);
    cublasHandle object = handle(handle);
    try {
      if (call.isWide()) {
        return call.count() == 1
            ? wide(object, call, alpha, beta)
            : wideBatch(object, call, alpha, beta);
      }
      return call.count() == 1 ? one(object, call, alpha, beta) : batch(object, call, alpha, beta);
    } catch (CudaException e) {
      return CublasStatus.ofName(e.getMessage());
    } finally {
      // JCublas knows only the address.
      Reference.reachabilityFence(scalars);
    }
  }

  private static int one(cublasHandle handle, ColumnMajorCall call, Pointer alpha, Pointer beta) {
    ColumnMajorCall.Place a = call.a().place();
    ColumnMajorCall.Place b = call.b().place();
    ColumnMajorCall.Place c = call.c();
    return JCublas2.cublasGemmEx_new(
        handle,
        call.a().operation(),
        call.b().operation(),
        (int) call.m(),
        (int) call.n(),
        (int) call.k(),
        alpha,
        onDevice(a.address()),
        a.type(),
        (int) a.leading(),
        onDevice(b.address()),
        b.type(),
        (int) b.leading(),
        beta,
        onDevice(c.address()),
        c.type(),
        (int) c.leading(),
        CUBLAS_COMPUTE_32F,
        CUBLAS_GEMM_DEFAULT);
  }

  private static int wide(cublasHandle handle, ColumnMajorCall call, Pointer alpha, Pointer beta) {
    ColumnMajorCall.Place a = call.a().place();
    ColumnMajorCall.Place b = call.b().place();
    ColumnMajorCall.Place c = call.c();
    return JCublas2.cublasGemmEx_64_new(
        handle,
        call.a().operation(),
        call.b().operation(),
        call.m(),
        call.n(),
        call.k(),
        alpha,
        onDevice(a.address()),
        a.type(),
        a.leading(),
        onDevice(b.address()),
        b.type(),
        b.leading(),
        beta,
        onDevice(c.address()),
        c.type(),
        c.leading(),
        CUBLAS_COMPUTE_32F,
        CUBLAS_GEMM_DEFAULT);
  }

  private static int batch(cublasHandle handle, ColumnMajorCall call, Pointer alpha, Pointer beta) {
    ColumnMajorCall.Place a = call.a().place();
    ColumnMajorCall.Place b = call.b().place();
    ColumnMajorCall.Place c = call.c();
    return JCublas2.cublasGemmStridedBatchedEx_new(
        handle,
        call.a().operation(),
        call.b().operation(),
        (int) call.m(),
        (int) call.n(),
        (int) call.k(),
        alpha,
        onDevice(a.address()),
        a.type(),
        (int) a.leading(),
        a.stride(),
        onDevice(b.address()),
        b.type(),
        (int) b.leading(),
        b.stride(),
        beta,
        onDevice(c.address()),
        c.type(),
        (int) c.leading(),
        c.stride(),
        (int) call.count(),
        CUBLAS_COMPUTE_32F,
        CUBLAS_GEMM_DEFAULT);
  }

  private static int wideBatch(
      cublasHandle handle, ColumnMajorCall call, Pointer alpha, Pointer beta) {
    ColumnMajorCall.Place a = call.a().place();
    ColumnMajorCall.Place b = call.b().place();
    ColumnMajorCall.Place c = call.c();
    return JCublas2.cublasGemmStridedBatchedEx_64_new(
        handle,
        call.a().operation(),
        call.b().operation(),
        call.m(),
        call.n(),
        call.k(),
        alpha,
        onDevice(a.address()),
        a.type(),
        a.leading(),
        a.stride(),
        onDevice(b.address()),
        b.type(),
        b.leading(),
        b.stride(),
        beta,
        onDevice(c.address()),
        c.type(),
        c.leading(),
        c.stride(),
        call.count(),
        CUBLAS_COMPUTE_32F,
        CUBLAS_GEMM_DEFAULT);
  }

  private static cublasHandle handle(long handle) {
    return NativePointers.set(new cublasHandle(), handle);
  }

  private static Pointer onDevice(long address) {
    return NativePointers.set(new CUdeviceptr(), address);
  }

  /**
   * Returns the status of a call. JCublas returns it unless somebody in this JVM has called {@code
   * setExceptionsEnabled(true)}; from then on it throws.
   */
  private static int statusOf(IntSupplier call) {
    try {
      return call.getAsInt();
    } catch (CudaException e) {
      return CublasStatus.ofName(e.getMessage());
    }
  }
}
