package io.github.jdropout.backend.cuda;

import io.github.jdropout.backend.cuda.driver.CudaDriver;
import java.lang.foreign.MemorySegment;

/**
 * Buffers through which host memory passes to a device and back, in turns: while one part is on its
 * way, the host fills the next and the device computes a third.
 *
 * <p>For one thread at a time, in its context.
 */
final class Staging {
  /** One part is filled by the host, one under way or computed, one emptied by the host. */
  private static final int SLOTS = 3;

  /** Elements begin up to seven before the part's first one, of at most 8 bytes. */
  private static final int LEAD_BYTES = 64;

  /** A bit for each element, of at least 2 bytes. */
  static final int BYTES_PER_MASK_BYTE = 16;

  private final CudaContext context;
  private final long partBytes;
  private final Slot[] slots = new Slot[SLOTS];

  /** Queues the work on one part: up, compute, down. */
  @FunctionalInterface
  interface Step {
    /** Runs for the elements {@code from} to {@code from + count - 1} of the call. */
    void run(Slot slot, long from, long count);
  }

  /**
   * Buffers of one part, and the stream that orders what uses them.
   *
   * @param upload page-locked memory that the host fills: a part's elements, then their mask
   * @param download page-locked memory that the device fills
   * @param device address of device memory, computed in place
   * @param mask address of device memory for the part's mask
   * @param stream handle
   */
  record Slot(MemorySegment upload, MemorySegment download, long device, long mask, long stream) {}

  /**
   * Allocates the buffers.
   *
   * @param partBytes most bytes of a part's elements
   * @throws CudaException if there is too little memory
   */
  Staging(CudaContext context, long partBytes) {
    this.context = context;
    this.partBytes = partBytes;
    try {
      for (int slot = 0; slot < SLOTS; slot++) {
        slots[slot] = allocateSlot();
      }
    } catch (CudaException e) {
      close();
      throw e;
    }
  }

  /** Returns the kernels of the context. */
  Kernels kernels() {
    return context.kernels();
  }

  private Slot allocateSlot() {
    CudaDriver driver = context.driver();
    long maskBytes = partBytes / BYTES_PER_MASK_BYTE;
    long deviceBytes = LEAD_BYTES + partBytes + maskBytes;
    long[] device = new long[1];
    long[] stream = new long[1];
    MemorySegment upload = null;
    MemorySegment download = null;
    try {
      upload = allocatePinned(partBytes + maskBytes);
      download = allocatePinned(partBytes);
      context.check(driver.allocate(deviceBytes, device), "cuMemAlloc(" + deviceBytes + ")");
      context.check(driver.createStream(stream), "cuStreamCreate");
    } catch (CudaException e) {
      free(new Slot(upload, download, device[0], 0, stream[0]));
      throw e;
    }
    return new Slot(upload, download, device[0], device[0] + LEAD_BYTES + partBytes, stream[0]);
  }

  @SuppressWarnings("restricted") // The driver has allocated as many bytes there.
  private MemorySegment allocatePinned(long bytes) {
    long[] address = new long[1];
    context.check(context.driver().allocatePinned(bytes, address), "cuMemAllocHost(" + bytes + ")");
    return MemorySegment.ofAddress(address[0]).reinterpret(bytes);
  }

  /**
   * Runs a call part by part and returns when all are done.
   *
   * @param elementCount of the call
   * @param partElements of a part at most; they and their mask fit into a slot
   * @param queue queues a part's work on its slot's stream
   * @param finish takes a part's result out of its slot, when its work is done
   * @throws CudaException if something fails; the buffers must then be closed
   */
  void run(long elementCount, long partElements, Step queue, Step finish) {
    long parts = (elementCount + partElements - 1) / partElements;
    for (long part = 0; part < parts + SLOTS; part++) {
      Slot slot = slots[(int) (part % SLOTS)];
      if (part >= SLOTS) {
        long done = part - SLOTS;
        if (done < parts) {
          context.check(context.driver().synchronizeStream(slot.stream), "cuStreamSynchronize");
          step(finish, slot, done, partElements, elementCount);
        }
      }
      if (part < parts) {
        step(queue, slot, part, partElements, elementCount);
      }
    }
  }

  private static void step(Step step, Slot slot, long part, long partElements, long elementCount) {
    long from = part * partElements;
    step.run(slot, from, Math.min(partElements, elementCount - from));
  }

  /** Queues a copy of the upload buffer's bytes from an offset on. */
  void copyUp(Slot slot, long offset, long target, long bytes) {
    context.check(
        context.driver().copyToDevice(target, slot.upload.address() + offset, bytes, slot.stream),
        "cuMemcpyHtoDAsync");
  }

  /** Queues a copy to the download buffer's first bytes. */
  void copyDown(Slot slot, long source, long bytes) {
    context.check(
        context.driver().copyToHost(slot.download.address(), source, bytes, slot.stream),
        "cuMemcpyDtoHAsync");
  }

  /** Frees everything, after the work under way; what fails is left to the driver. */
  void close() {
    for (Slot slot : slots) {
      if (slot != null) {
        context.driver().synchronizeStream(slot.stream);
        free(slot);
      }
    }
  }

  private void free(Slot slot) {
    CudaDriver driver = context.driver();
    if (slot.stream != 0) {
      driver.destroyStream(slot.stream);
    }
    if (slot.device != 0) {
      driver.free(slot.device);
    }
    if (slot.upload != null) {
      driver.freePinned(slot.upload.address());
    }
    if (slot.download != null) {
      driver.freePinned(slot.download.address());
    }
  }
}
