package io.github.jdropout.backend.cuda;

import io.github.jdropout.backend.cuda.driver.CudaConstants;
import io.github.jdropout.backend.cuda.driver.PointerInfo;

/** Asks the driver what a device pointer points to. */
final class PointerCheck {
  private PointerCheck() {}

  /**
   * Checks that a kernel may touch memory.
   *
   * @param name the argument's name, for the message
   * @param bytes how many from the address on
   * @throws IllegalArgumentException if CUDA does not know the memory, it is another device's or
   *     another context's, or it ends before
   */
  static void check(CudaContext context, String name, long address, long bytes) {
    long[] info = new long[PointerInfo.COUNT];
    context.check(context.driver().pointerInfo(address, info), "cuPointerGetAttributes");
    long type = info[0];
    long ordinal = info[1];
    long start = info[2];
    long size = info[3];
    long owner = info[4];
    boolean isOfOneContext = type == CudaConstants.CU_MEMORYTYPE_DEVICE && info[5] == 0;
    if (type == 0) {
      throw new IllegalArgumentException(
          name
              + " must be memory of CUDA but 0x"
              + Long.toHexString(address)
              + " is not: it has been freed, or is the host's");
    }
    if (isOfOneContext && ordinal != context.device().ordinal()) {
      throw new IllegalArgumentException(
          name + " is on device " + ordinal + " but the context is on " + context.device());
    }
    if (isOfOneContext && owner != 0 && owner != context.handle()) {
      throw new IllegalArgumentException(
          name + " is in another context of " + context.device() + " than the call's");
    }
    if (size != 0 && bytes > size - (address - start)) {
      throw new IllegalArgumentException(
          name
              + " has "
              + bytes
              + " bytes from 0x"
              + Long.toHexString(address)
              + " on but the allocation has only "
              + (size - (address - start))
              + " there");
    }
  }
}
