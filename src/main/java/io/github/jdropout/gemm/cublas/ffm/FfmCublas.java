package io.github.jdropout.gemm.cublas.ffm;

import static io.github.jdropout.gemm.cublas.library.CublasConstants.CUBLAS_COMPUTE_32F;
import static io.github.jdropout.gemm.cublas.library.CublasConstants.CUBLAS_GEMM_DEFAULT;
import static io.github.jdropout.gemm.cublas.library.CublasConstants.CUBLAS_STATUS_SUCCESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.backend.cuda.driver.BindingException;
import io.github.jdropout.backend.nativeaccess.DowncallFailures;
import io.github.jdropout.gemm.cublas.library.ColumnMajorCall;
import io.github.jdropout.gemm.cublas.library.CublasLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** cuBLAS of whichever version through {@code java.lang.foreign}. */
public final class FfmCublas implements CublasLibrary {
  /** The newest first: it knows the newest devices. */
  private static final List<Integer> MAJORS = List.of(13, 12, 11);

  private FfmCublas() {}

  /** The library, loaded at most once; its fields are constants for the compiler. */
  private static final class Library {
    static final CublasFunctions FUNCTIONS;

    /** What it is, or why there is none. */
    static final String TEXT;

    static {
      CublasFunctions functions = null;
      String text;
      try {
        LoadedCublas loaded = LoadedCublas.load(majors());
        functions = loaded.functions();
        text = loaded.description();
      } catch (BindingException e) {
        text = e.getMessage();
      } catch (LinkageError | RuntimeException e) {
        text = new BindingException("cuBLAS cannot be bound", e).getMessage();
      }
      FUNCTIONS = functions;
      TEXT = text;
    }
  }

  /** Leaves out those that are newer than the driver, which could be loaded but not used. */
  private static List<Integer> majors() {
    int newest = CudaSupport.supportedVersion() / 1000;
    List<Integer> usable = MAJORS.stream().filter(major -> major <= newest).toList();
    return usable.isEmpty() ? MAJORS : usable;
  }

  /**
   * Loads the library, once; there must be a driver.
   *
   * @throws BindingException if there is none, it lacks a function, or native access is denied
   */
  public static CublasLibrary load() throws BindingException {
    if (Library.FUNCTIONS == null) {
      throw new BindingException(Library.TEXT);
    }
    return new FfmCublas();
  }

  @Override
  public String description() {
    return Library.TEXT + " through java.lang.foreign";
  }

  @Override
  public boolean takesWideSizes() {
    return Library.FUNCTIONS.takesWideSizes();
  }

  @Override
  public int create(long[] handle) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      int status;
      try {
        status = (int) Library.FUNCTIONS.create().invokeExact(out);
      } catch (Throwable e) {
        throw DowncallFailures.rethrow(e);
      }
      if (status == CUBLAS_STATUS_SUCCESS) {
        handle[0] = out.get(JAVA_LONG, 0);
      }
      return status;
    }
  }

  @Override
  public int destroy(long handle) {
    try {
      return (int) Library.FUNCTIONS.destroy().invokeExact(handle);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  @Override
  public int setStream(long handle, long stream) {
    try {
      return (int) Library.FUNCTIONS.setStream().invokeExact(handle, stream);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  @Override
  public int setWorkspace(long handle, long address, long byteSize) {
    try {
      return (int) Library.FUNCTIONS.setWorkspace().invokeExact(handle, address, byteSize);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  @Override
  public int setMathMode(long handle, int mode) {
    try {
      return (int) Library.FUNCTIONS.setMathMode().invokeExact(handle, mode);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  @Override
  public int multiply(long handle, ColumnMajorCall call, MemorySegment scalars) {
    scalars.setAtIndex(JAVA_FLOAT, 0, call.alpha());
    scalars.setAtIndex(JAVA_FLOAT, 1, call.beta());
    MemorySegment beta = scalars.asSlice(Float.BYTES);
    try {
      if (call.isWide()) {
        return call.count() == 1
            ? wide(handle, call, scalars, beta)
            : wideBatch(handle, call, scalars, beta);
      }
      return call.count() == 1
          ? one(handle, call, scalars, beta)
          : batch(handle, call, scalars, beta);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  private static int one(long handle, ColumnMajorCall call, MemorySegment alpha, MemorySegment beta)
      throws Throwable {
    ColumnMajorCall.Place a = call.a().place();
    ColumnMajorCall.Place b = call.b().place();
    ColumnMajorCall.Place c = call.c();
    return (int)
        Library.FUNCTIONS
            .multiply()
            .invokeExact(
                handle,
                call.a().operation(),
                call.b().operation(),
                (int) call.m(),
                (int) call.n(),
                (int) call.k(),
                alpha,
                a.address(),
                a.type(),
                (int) a.leading(),
                b.address(),
                b.type(),
                (int) b.leading(),
                beta,
                c.address(),
                c.type(),
                (int) c.leading(),
                CUBLAS_COMPUTE_32F,
                CUBLAS_GEMM_DEFAULT);
  }

  private static int wide(
      long handle, ColumnMajorCall call, MemorySegment alpha, MemorySegment beta) throws Throwable {
    ColumnMajorCall.Place a = call.a().place();
    ColumnMajorCall.Place b = call.b().place();
    ColumnMajorCall.Place c = call.c();
    return (int)
        Library.FUNCTIONS
            .multiplyWide()
            .invokeExact(
                handle,
                call.a().operation(),
                call.b().operation(),
                call.m(),
                call.n(),
                call.k(),
                alpha,
                a.address(),
                a.type(),
                a.leading(),
                b.address(),
                b.type(),
                b.leading(),
                beta,
                c.address(),
                c.type(),
                c.leading(),
                CUBLAS_COMPUTE_32F,
                CUBLAS_GEMM_DEFAULT);
  }

  private static int batch(
      long handle, ColumnMajorCall call, MemorySegment alpha, MemorySegment beta) throws Throwable {
    ColumnMajorCall.Place a = call.a().place();
    ColumnMajorCall.Place b = call.b().place();
    ColumnMajorCall.Place c = call.c();
    return (int)
        Library.FUNCTIONS
            .multiplyBatch()
            .invokeExact(
                handle,
                call.a().operation(),
                call.b().operation(),
                (int) call.m(),
                (int) call.n(),
                (int) call.k(),
                alpha,
                a.address(),
                a.type(),
                (int) a.leading(),
                a.stride(),
                b.address(),
                b.type(),
                (int) b.leading(),
                b.stride(),
                beta,
                c.address(),
                c.type(),
                (int) c.leading(),
                c.stride(),
                (int) call.count(),
                CUBLAS_COMPUTE_32F,
                CUBLAS_GEMM_DEFAULT);
  }

  private static int wideBatch(
      long handle, ColumnMajorCall call, MemorySegment alpha, MemorySegment beta) throws Throwable {
    ColumnMajorCall.Place a = call.a().place();
    ColumnMajorCall.Place b = call.b().place();
    ColumnMajorCall.Place c = call.c();
    return (int)
        Library.FUNCTIONS
            .multiplyWideBatch()
            .invokeExact(
                handle,
                call.a().operation(),
                call.b().operation(),
                call.m(),
                call.n(),
                call.k(),
                alpha,
                a.address(),
                a.type(),
                a.leading(),
                a.stride(),
                b.address(),
                b.type(),
                b.leading(),
                b.stride(),
                beta,
                c.address(),
                c.type(),
                c.leading(),
                c.stride(),
                call.count(),
                CUBLAS_COMPUTE_32F,
                CUBLAS_GEMM_DEFAULT);
  }
}
