package io.github.jdropout.backend.cuda.jcuda;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.runtime.cudaStream_t;

/** The addresses and handles in JCuda's objects, for calls that take raw ones. */
public final class JCudaHandles {
  private JCudaHandles() {}

  /** A copy of a pointer that tells what JCuda only tells to subclasses. */
  private static final class OpenPointer extends Pointer {
    OpenPointer(Pointer pointer) {
      super(pointer);
    }

    long base() {
      return getNativePointer();
    }

    long offset() {
      return getByteOffset();
    }
  }

  /**
   * Returns the address of device memory, with the offset of {@code withByteOffset}.
   *
   * @param pointer as JCudaDriver makes it
   * @throws NullPointerException if {@code pointer} is null
   */
  public static long address(CUdeviceptr pointer) {
    OpenPointer open = new OpenPointer(pointer);
    return open.base() + open.offset();
  }

  /**
   * Returns the address of device or page-locked memory, with the offset of {@code withByteOffset}.
   *
   * @param pointer as {@code JCuda.cudaMalloc} and {@code cudaMallocHost} make it
   * @throws NullPointerException if {@code pointer} is null
   * @throws IllegalArgumentException if it points to an array, a buffer or nothing
   */
  public static long address(Pointer pointer) {
    if (pointer instanceof CUdeviceptr devicePointer) {
      return address(devicePointer);
    }
    OpenPointer open = new OpenPointer(pointer);
    if (open.base() == 0) {
      throw new IllegalArgumentException(
          "pointer must be one that CUDA has allocated but is " + pointer);
    }
    return open.base() + open.offset();
  }

  /**
   * Returns the handle of a stream.
   *
   * @param stream null is the default stream, as in JCuda
   */
  public static long stream(CUstream stream) {
    return stream == null ? 0 : NativePointers.get(stream);
  }

  /**
   * Returns the handle of a stream.
   *
   * @param stream null is the default stream, as in JCuda
   */
  public static long stream(cudaStream_t stream) {
    return stream == null ? 0 : NativePointers.get(stream);
  }
}
