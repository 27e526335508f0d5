package io.github.jdropout.backend.cuda;

import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.ElementType;
import java.util.Objects;

/**
 * A context of the driver, for parts of this library that queue work in it by other means than
 * kernels.
 *
 * <p>Safe for use by several threads.
 */
public final class CudaAccess {
  private final CudaContext context;
  private final boolean checksPointers;

  private CudaAccess(CudaContext context) {
    this.context = context;
    this.checksPointers = CudaDropout.checksPointers();
  }

  /**
   * Returns the calling thread's current context, or where it has none, the first device's primary
   * one.
   *
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU can be used here
   * @throws CudaException if the driver fails
   */
  public static CudaAccess current() {
    CudaContext current = CudaSupport.cuda().current();
    return current != null ? new CudaAccess(current) : primary(CudaSupport.devices().getFirst());
  }

  /**
   * Returns a device's primary context.
   *
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU can be used here
   * @throws CudaException if the driver fails
   */
  public static CudaAccess primary(CudaDevice device) {
    Objects.requireNonNull(device, "device");
    return new CudaAccess(CudaSupport.cuda().primary(device));
  }

  CudaContext context() {
    return context;
  }

  /** Returns the device that the context is on. */
  public CudaDevice device() {
    return context.device();
  }

  /**
   * Runs work with this context current, and makes current again what was before.
   *
   * @param work takes no lock: a virtual thread that parked could go on in another thread of the
   *     system, which has another context
   * @throws CudaException if the context is lost
   */
  public void run(Runnable work) {
    context.push();
    try {
      work.run();
    } finally {
      context.pop();
    }
  }

  /**
   * Checks that the device may touch memory, in {@link #run}; {@code
   * -Djdropout.cuda.checkPointers=false} leaves that out.
   *
   * @param name the argument's name, for the message
   * @param byteSize how many bytes from the address on
   * @throws IllegalArgumentException if CUDA does not know the memory, it is another device's or
   *     another context's, or it ends before
   */
  public void checkMemory(String name, long address, long byteSize) {
    if (checksPointers && byteSize != 0) {
      PointerCheck.check(context, name, address, byteSize);
    }
  }

  /**
   * Queues zeros, in {@link #run}.
   *
   * @param byteSize how many bytes from the address on
   * @throws CudaException if the driver fails
   */
  public void clear(long address, long byteSize, long stream) {
    context.check(context.driver().fill(address, (byte) 0, byteSize, stream), "cuMemsetD8Async");
  }

  /**
   * Loads the kernel of {@link #scale}, which cannot be done in {@link #run}.
   *
   * @throws CudaException if the driver does not take it
   */
  public void prepareScaling(ElementType type) {
    context.function(Operator.SCALE, type, false);
  }

  /**
   * Queues a multiplication in place, in {@link #run}.
   *
   * @param factor each element is multiplied by it in binary32, and rounded once
   * @throws CudaException if the driver fails
   */
  public void scale(float factor, DeviceElements elements, long stream) {
    context
        .kernels()
        .scale(
            factor,
            new Kernels.Place(
                elements.type(), elements.address(), elements.address(), elements.count()),
            stream);
  }

  /**
   * Remembers work that another library has queued in this context, for the message that a lost
   * context gets.
   */
  public void noteLaunch(String what, long elementCount, long stream) {
    context.noteLaunch(what, elementCount, stream);
  }
}
