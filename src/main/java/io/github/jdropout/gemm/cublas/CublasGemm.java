package io.github.jdropout.gemm.cublas;

import static io.github.jdropout.gemm.cublas.library.CublasConstants.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION;
import static io.github.jdropout.gemm.cublas.library.CublasConstants.CUBLAS_STATUS_SUCCESS;

import io.github.jdropout.backend.cuda.CudaAccess;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.gemm.Gemm;
import io.github.jdropout.gemm.GemmCall;
import io.github.jdropout.gemm.cublas.library.ColumnMajorCall;
import io.github.jdropout.gemm.cublas.library.CublasLibrary;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Products of matrices in the memory of a GPU, by NVIDIA's cuBLAS.
 *
 * <p>It belongs to the CUDA context that it is opened in, and to one stream of it; neither changes.
 * A call queues its work on that stream and returns. It waits for nothing, and it makes its own
 * context current for the moment of the call, whatever the thread's is. To open one takes cuBLAS a
 * moment and memory of the GPU: it loads its kernels, and may wait for the device. To close one
 * waits for the device, too.
 *
 * <p>f32 is multiplied in f32, never in TF32, and sums of 16-bit factors are f32 from the first to
 * the last; the order of a sum is cuBLAS's own, and the same for the same shapes on the same kind
 * of device and version, as long as work of one stream uses the workspace. Matrices need the
 * alignment of their elements alone; what is aligned to 16 bytes is faster.
 *
 * <p>cuBLAS works in memory of its own unless the caller gives it a workspace. Give it one for work
 * that is recorded into a graph: the graph then uses that memory each time it runs, so the
 * workspace must live as long as the graph, and nothing else may use it at the same time. And make
 * a call of each shape before: cuBLAS loads kernels when it first needs them.
 *
 * <p>Safe for use by several threads, whose calls take turns: work on one stream is in order
 * anyway. One that is never closed keeps its memory until the JVM ends.
 */
public final class CublasGemm implements Gemm {
  /** What a workspace's address must be a multiple of. */
  public static final long WORKSPACE_ALIGNMENT = 256;

  /** With less, cuBLAS may lack memory for a call. */
  public static final long MIN_WORKSPACE_BYTES = 16 << 10;

  /** 9.0, the first architecture whose kernels want more room. */
  private static final int HOPPER = 90;

  private final CublasLibrary library;
  private final CudaAccess access;
  private final long handle;
  private final long stream;
  private final String description;

  /** The factors of the call that is being made. */
  private final MemorySegment scalars = Arena.ofAuto().allocate(ValueLayout.JAVA_FLOAT, 2);

  /**
   * Held during a call, and taken before the context is made current. cuBLAS's handle may be used
   * by several threads, but not while it is destroyed.
   */
  private final ReentrantLock lock = new ReentrantLock();

  private boolean isClosed;

  private CublasGemm(CublasLibrary library, CudaAccess access, long handle, long stream) {
    this.library = library;
    this.access = access;
    this.handle = handle;
    this.stream = stream;
    this.description = library.description() + ", on " + access.device();
  }

  /**
   * Opens cuBLAS in the calling thread's current context; in the first device's primary one where
   * there is none.
   *
   * @param stream a {@code CUstream} of the context, 0 for the default stream; must live as long as
   *     this is used
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU or no cuBLAS can be used
   * @throws CublasException if cuBLAS fails, for example for lack of memory
   */
  public static CublasGemm open(long stream) {
    return open(CublasBindings.library(), CudaAccess.current(), stream, null);
  }

  /**
   * Opens cuBLAS in the calling thread's current context, with a workspace.
   *
   * @param workspace memory that nothing else uses at the same time, aligned to {@value
   *     #WORKSPACE_ALIGNMENT} bytes, of at least {@value #MIN_WORKSPACE_BYTES}; see {@link
   *     #recommendedWorkspaceBytes}
   * @throws IllegalArgumentException if the workspace is not so, or not memory of the context
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU or no cuBLAS can be used
   * @throws CublasException if cuBLAS fails
   */
  public static CublasGemm open(long stream, Bytes.OfDevice workspace) {
    Objects.requireNonNull(workspace, "workspace");
    return open(CublasBindings.library(), CudaAccess.current(), stream, workspace);
  }

  /**
   * Opens cuBLAS in a device's primary context.
   *
   * @param stream a {@code CUstream} of that context, 0 for the default stream
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU or no cuBLAS can be used
   * @throws CublasException if cuBLAS fails
   */
  public static CublasGemm open(CudaDevice device, long stream) {
    Objects.requireNonNull(device, "device");
    return open(CublasBindings.library(), CudaAccess.primary(device), stream, null);
  }

  /**
   * Opens cuBLAS in a device's primary context, with a workspace; see the methods above.
   *
   * @throws IllegalArgumentException if the workspace is misaligned, too small or not the device's
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU or no cuBLAS can be used
   * @throws CublasException if cuBLAS fails
   */
  public static CublasGemm open(CudaDevice device, long stream, Bytes.OfDevice workspace) {
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(workspace, "workspace");
    return open(CublasBindings.library(), CudaAccess.primary(device), stream, workspace);
  }

  /**
   * Opens cuBLAS in any context; see the methods above.
   *
   * @param workspace null for cuBLAS's own memory
   * @throws IllegalArgumentException if the workspace is misaligned, too small or not the context's
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU or no cuBLAS can be used
   * @throws CublasException if cuBLAS fails
   */
  public static CublasGemm open(CudaAccess access, long stream, Bytes.OfDevice workspace) {
    Objects.requireNonNull(access, "access");
    return open(CublasBindings.library(), access, stream, workspace);
  }

  /** Returns how large a workspace NVIDIA recommends for a device. */
  public static long recommendedWorkspaceBytes(CudaDevice device) {
    return device.capability() >= HOPPER ? 32L << 20 : 4L << 20;
  }

  /** Opens it, with any library. */
  static CublasGemm open(
      CublasLibrary library, CudaAccess access, long stream, Bytes.OfDevice workspace) {
    if (workspace != null) {
      checkWorkspace(workspace);
    }
    long[] handle = new long[1];
    String where = "on " + access.device();
    access.run(() -> {
      if (workspace != null) {
        access.checkMemory("workspace", workspace.address(), workspace.byteSize());
      }
      check("cublasCreate", library.create(handle), where);
      try {
        // The workspace after the stream, which forgets one.
        check("cublasSetStream", library.setStream(handle[0], stream), where);
        if (workspace != null) {
          check(
              "cublasSetWorkspace",
              library.setWorkspace(handle[0], workspace.address(), workspace.byteSize()),
              where);
        }
        check(
            "cublasSetMathMode",
            library.setMathMode(handle[0], CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION),
            where);
      } catch (CublasException e) {
        library.destroy(handle[0]);
        throw e;
      }
    });
    return new CublasGemm(library, access, handle[0], stream);
  }

  private static void checkWorkspace(Bytes.OfDevice workspace) {
    if (workspace.byteSize() < MIN_WORKSPACE_BYTES) {
      throw new IllegalArgumentException(
          "workspace must have at least "
              + MIN_WORKSPACE_BYTES
              + " bytes but has "
              + workspace.byteSize());
    }
    if (workspace.address() % WORKSPACE_ALIGNMENT != 0) {
      throw new IllegalArgumentException(
          "workspace must be aligned to "
              + WORKSPACE_ALIGNMENT
              + " bytes but is at 0x"
              + Long.toHexString(workspace.address()));
    }
  }

  private static void check(String function, int status, String circumstances) {
    if (status != CUBLAS_STATUS_SUCCESS) {
      throw new CublasException(function, status, circumstances);
    }
  }

  @Override
  public String description() {
    return description;
  }

  /** Returns the device that this multiplies on. */
  public CudaDevice device() {
    return access.device();
  }

  /** Returns the stream that this queues its work on. */
  public long stream() {
    return stream;
  }

  /**
   * Queues a product.
   *
   * @throws IllegalArgumentException if the matrices are not memory of the context, or so large
   *     that it takes a newer cuBLAS
   * @throws IllegalStateException if this is closed
   * @throws CublasException if cuBLAS fails
   * @throws io.github.jdropout.backend.cuda.CudaException if the driver fails
   */
  @Override
  public void multiply(GemmCall call) {
    Objects.requireNonNull(call, "call");
    ColumnMajorCall translated = ColumnMajorCall.of(call);
    if (translated.isWide() && !library.takesWideSizes()) {
      throw new IllegalArgumentException(
          "rows, columns and row strides must be less than 2^31 with "
              + library.description()
              + ": "
              + describe(call));
    }
    lock.lock();
    try {
      if (isClosed) {
        throw new IllegalStateException("the Gemm has been closed: " + description);
      }
      if (call.m() == 0 || call.n() == 0) {
        return;
      }
      if (call.k() == 0) {
        SumsWithoutTerms.prepare(access, call);
      }
      access.run(() -> queue(call, translated));
    } finally {
      lock.unlock();
    }
  }

  private void queue(GemmCall call, ColumnMajorCall translated) {
    int count = call.batches().count();
    checkMemory("a", call.a(), call.batches().strideA(), count);
    checkMemory("b", call.b(), call.batches().strideB(), count);
    checkMemory("c", call.c(), call.batches().strideC(), count);
    if (call.k() == 0) {
      SumsWithoutTerms.queue(access, call, stream);
      return;
    }
    int status = library.multiply(handle, translated, scalars);
    if (status != CUBLAS_STATUS_SUCCESS) {
      throw new CublasException(
          translated.function(), status, describe(call) + ", stream 0x" + Long.toHexString(stream));
    }
    access.noteLaunch(translated.function(), count * call.m() * call.n(), stream);
  }

  private void checkMemory(String name, Matrix matrix, long stride, int count) {
    if (!matrix.shape().isEmpty()) {
      long elements = (count - 1) * stride + matrix.shape().span();
      access.checkMemory(name, ((DeviceMatrix) matrix).address(), elements * matrix.type().bytes());
    }
  }

  private static String describe(GemmCall call) {
    return call
        + ", leading dimensions "
        + call.a().shape().rowStride()
        + ", "
        + call.b().shape().rowStride()
        + " and "
        + call.c().shape().rowStride();
  }

  /**
   * Gives back cuBLAS's memory, having waited for the device; to no effect if it is closed.
   *
   * @throws CublasException if cuBLAS fails
   * @throws io.github.jdropout.backend.cuda.CudaException if the context is lost
   */
  @Override
  public void close() {
    lock.lock();
    try {
      if (!isClosed) {
        isClosed = true;
        access.run(() -> check("cublasDestroy", library.destroy(handle), "on " + access.device()));
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return "CublasGemm[" + description + "]";
  }
}
