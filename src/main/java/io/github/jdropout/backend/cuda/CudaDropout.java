package io.github.jdropout.backend.cuda;

import io.github.jdropout.spec.CallChecks;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMask;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import java.util.Objects;

/**
 * Dropout on memory that is on a GPU already: on the caller's device pointers, in the caller's
 * context, on the caller's stream.
 *
 * <p>The counterpart of {@link io.github.jdropout.Dropout}, with the same masks to the bit. A call
 * queues one launch and returns; it allocates nothing on the device, copies nothing and waits for
 * nothing. Only the first call of a kind in a context loads the kernel, which takes the driver's
 * compiler up to a second unless it has kept the result; {@link #prepare} does it beforehand.
 *
 * <pre>{@code
 * CudaDropout dropout = CudaDropout.of(DropoutSpec.of(0.1));
 * MaskKey key = new MaskKey(seed, stream);
 * DeviceElements x = new DeviceElements(ElementType.F16, address, count);
 * dropout.forward(x, x, key, 0, cudaStream);
 * dropout.backward(gradient, gradient, key, 0, cudaStream);
 * }</pre>
 *
 * <p>The context is the one that is current in the calling thread, as CUDA code has it; where there
 * is none, the primary context of the device. Input and output may be the same place; they must not
 * overlap otherwise. Arguments are checked before anything is queued. The driver is asked of each
 * pointer, so that memory that has been freed, another device's, or too short is an error and not a
 * lost context; {@code -Djdropout.cuda.checkPointers=false} leaves that out.
 *
 * <p>Failures of work under way are reported by a later call, to this library or the driver. The
 * message then has what was launched last, and says if the context is lost.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class CudaDropout {
  /** System property: {@code false} leaves the driver's check of pointers out. */
  public static final String CHECK_PROPERTY = "jdropout.cuda.checkPointers";

  private final DropoutSpec spec;
  private final DeviceCalls calls;

  private CudaDropout(DropoutSpec spec, CudaDevice device, boolean isChosen) {
    this.spec = Objects.requireNonNull(spec, "spec");
    this.calls = new DeviceCalls(device, isChosen);
  }

  /** Returns whether the property leaves the checks in. */
  static boolean checksPointers() {
    return !System.getProperty(CHECK_PROPERTY, "true").equalsIgnoreCase("false");
  }

  /**
   * Returns dropout in whatever context is current; the first device's where there is none.
   *
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU can be used here
   */
  public static CudaDropout of(DropoutSpec spec) {
    return new CudaDropout(spec, CudaSupport.devices().get(0), false);
  }

  /**
   * Returns dropout on one device; calls in a context of another fail.
   *
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU can be used here
   */
  public static CudaDropout of(DropoutSpec spec, CudaDevice device) {
    return new CudaDropout(spec, device, true);
  }

  /** Returns the probability and the scaling. */
  public DropoutSpec spec() {
    return spec;
  }

  /** Queues one call's work; the context is current. */
  @FunctionalInterface
  private interface Work {
    void queue(Kernels kernels);
  }

  /**
   * Loads the kernels of a type into the context that a call would use, so that no later call has
   * to; for example before a capture, during which nothing can be loaded.
   *
   * @throws CudaException if the driver does not take them; the message has its compiler's log
   */
  public void prepare(ElementType type) {
    Objects.requireNonNull(type, "type");
    CudaContext context = calls.context(this);
    for (Operator operator : Operator.ofDropout()) {
      context.function(operator, type, false);
      if (operator.takesDeviceKey()) {
        context.function(operator, type, true);
      }
    }
  }

  /**
   * Queues dropout: drops each element with probability p and scales the rest.
   *
   * @param input not modified unless it is also {@code output}
   * @param output of the same type and count; may be {@code input}'s place
   * @param key selects the mask
   * @param firstIndex global index of the first element, in [0, 2^63 - count]
   * @param stream a {@code CUstream} of the context, 0 for the default stream
   * @throws IllegalArgumentException if types or counts differ, the two overlap without being the
   *     same place, {@code firstIndex} is outside its range, or memory is not the device's
   * @throws CudaException if the driver fails
   */
  public void forward(
      DeviceElements input, DeviceElements output, MaskKey key, long firstIndex, long stream) {
    drop("input", input, "output", output, DeviceCalls.Key.ofHost(key), firstIndex, stream);
  }

  /**
   * Queues dropout with a key that the kernel reads from device memory when it runs.
   *
   * @param key of the same device
   * @throws IllegalArgumentException as {@link #forward(DeviceElements, DeviceElements, MaskKey,
   *     long, long)}
   * @throws IllegalStateException if the key is closed
   */
  public void forward(
      DeviceElements input, DeviceElements output, DeviceKey key, long firstIndex, long stream) {
    drop("input", input, "output", output, DeviceCalls.Key.ofDevice(key), firstIndex, stream);
  }

  /**
   * Queues dropout of a range of a tensor with decisions shared along axes.
   *
   * @param shape shapes of the whole tensor and its mask
   * @param firstIndex index of the first element in the tensor, in [0, elements - count]
   * @throws IllegalArgumentException as {@link #forward(DeviceElements, DeviceElements, MaskKey,
   *     long, long)}, or if the range leaves the tensor
   */
  public void forward(
      DeviceElements input,
      DeviceElements output,
      MaskKey key,
      MaskShape shape,
      long firstIndex,
      long stream) {
    dropShared(
        "input", input, "output", output, DeviceCalls.Key.ofHost(key), shape, firstIndex, stream);
  }

  /** Queues dropout with shared decisions and a key in device memory; see the methods above. */
  public void forward(
      DeviceElements input,
      DeviceElements output,
      DeviceKey key,
      MaskShape shape,
      long firstIndex,
      long stream) {
    dropShared(
        "input", input, "output", output, DeviceCalls.Key.ofDevice(key), shape, firstIndex, stream);
  }

  /**
   * Queues the gradient: the function of {@link #forward(DeviceElements, DeviceElements, MaskKey,
   * long, long)} applied to {@code gradOutput}, with the same key and index.
   *
   * @param gradOutput gradient with respect to the forward call's output
   * @param gradInput receives the gradient with respect to its input; may be the same place
   * @throws IllegalArgumentException as the forward call
   */
  public void backward(
      DeviceElements gradOutput,
      DeviceElements gradInput,
      MaskKey key,
      long firstIndex,
      long stream) {
    drop(
        "gradOutput",
        gradOutput,
        "gradInput",
        gradInput,
        DeviceCalls.Key.ofHost(key),
        firstIndex,
        stream);
  }

  /** Queues the gradient with a key in device memory, which must not have advanced since. */
  public void backward(
      DeviceElements gradOutput,
      DeviceElements gradInput,
      DeviceKey key,
      long firstIndex,
      long stream) {
    drop(
        "gradOutput",
        gradOutput,
        "gradInput",
        gradInput,
        DeviceCalls.Key.ofDevice(key),
        firstIndex,
        stream);
  }

  /** Queues the gradient of a tensor with decisions shared along axes. */
  public void backward(
      DeviceElements gradOutput,
      DeviceElements gradInput,
      MaskKey key,
      MaskShape shape,
      long firstIndex,
      long stream) {
    dropShared(
        "gradOutput",
        gradOutput,
        "gradInput",
        gradInput,
        DeviceCalls.Key.ofHost(key),
        shape,
        firstIndex,
        stream);
  }

  /** Queues the gradient with shared decisions and a key in device memory. */
  public void backward(
      DeviceElements gradOutput,
      DeviceElements gradInput,
      DeviceKey key,
      MaskShape shape,
      long firstIndex,
      long stream) {
    dropShared(
        "gradOutput",
        gradOutput,
        "gradInput",
        gradInput,
        DeviceCalls.Key.ofDevice(key),
        shape,
        firstIndex,
        stream);
  }

  /**
   * Queues the mask as packed bits, 1 = keep.
   *
   * @param output receives as many bits as it has elements; bit 0 is element {@code firstIndex}
   * @param key selects the mask
   * @param firstIndex global index of the first element, in [0, 2^63 - count]
   * @param stream a {@code CUstream} of the context, 0 for the default stream
   * @throws IllegalArgumentException if {@code firstIndex} is outside its range, or the memory is
   *     not the device's
   * @throws CudaException if the driver fails
   */
  public void mask(DeviceMask output, MaskKey key, long firstIndex, long stream) {
    mask(output, DeviceCalls.Key.ofHost(key), firstIndex, stream);
  }

  /** Queues the mask of a key in device memory. */
  public void mask(DeviceMask output, DeviceKey key, long firstIndex, long stream) {
    mask(output, DeviceCalls.Key.ofDevice(key), firstIndex, stream);
  }

  private void mask(DeviceMask output, DeviceCalls.Key key, long firstIndex, long stream) {
    Objects.requireNonNull(output, "output");
    CallChecks.checkFirstIndex(firstIndex, output.count());
    run(
        Operator.MASK,
        ElementType.F32,
        key,
        context -> calls.checkMemory(context, "output", output.address(), output.byteSize()),
        kernels ->
            kernels.mask(spec, key.key(), firstIndex, output.address(), output.count(), stream));
  }

  /**
   * Queues dropout with a given mask: drops the elements whose bit is 0 and scales the rest.
   *
   * <p>Applied to a gradient it is its own backward pass. With {@code p == 1} the output is all +0,
   * whatever the mask says.
   *
   * @param mask has the count of the elements
   * @param input not modified unless it is also {@code output}
   * @param output of the same type and count; may be {@code input}'s place
   * @param stream a {@code CUstream} of the context, 0 for the default stream
   * @throws IllegalArgumentException if types or counts differ, {@code output} overlaps one of the
   *     others without being {@code input}'s place, or memory is not the device's
   * @throws CudaException if the driver fails
   */
  public void applyMask(DeviceMask mask, DeviceElements input, DeviceElements output, long stream) {
    Objects.requireNonNull(mask, "mask");
    checkPair("input", input, "output", output);
    CallChecks.checkCounts("input", input.count(), "mask", mask.count());
    if (overlap(mask.address(), mask.byteSize(), output.address(), output.byteSize())) {
      throw new IllegalArgumentException("output must not overlap mask");
    }
    run(
        Operator.APPLY,
        input.type(),
        DeviceCalls.NO_KEY,
        context -> {
          calls.checkMemory(context, "mask", mask.address(), mask.byteSize());
          checkMemory(context, "input", input, "output", output);
        },
        kernels -> kernels.applyMask(spec, mask.address(), place(input, output), stream));
  }

  /**
   * Queues the layer's output at inference: the input itself with inverted scaling, each element
   * times {@code T / 65536} with classical scaling.
   *
   * @throws IllegalArgumentException as {@link #forward(DeviceElements, DeviceElements, MaskKey,
   *     long, long)}
   * @throws CudaException if the driver fails
   */
  public void infer(DeviceElements input, DeviceElements output, long stream) {
    checkPair("input", input, "output", output);
    run(
        Operator.SCALE,
        input.type(),
        DeviceCalls.NO_KEY,
        context -> checkMemory(context, "input", input, "output", output),
        kernels -> kernels.scale(spec.inferenceScale(), place(input, output), stream));
  }

  @Override
  public String toString() {
    return "CudaDropout["
        + spec
        + (calls.chosenDevice() == null ? "" : ", " + calls.chosenDevice())
        + "]";
  }

  private void drop(
      String inputName,
      DeviceElements input,
      String outputName,
      DeviceElements output,
      DeviceCalls.Key key,
      long firstIndex,
      long stream) {
    checkPair(inputName, input, outputName, output);
    CallChecks.checkFirstIndex(firstIndex, input.count());
    run(
        Operator.FORWARD,
        input.type(),
        key,
        context -> checkMemory(context, inputName, input, outputName, output),
        kernels -> kernels.forward(spec, key.key(), firstIndex, place(input, output), stream));
  }

  private void dropShared(
      String inputName,
      DeviceElements input,
      String outputName,
      DeviceElements output,
      DeviceCalls.Key key,
      MaskShape shape,
      long firstIndex,
      long stream) {
    checkPair(inputName, input, outputName, output);
    Objects.requireNonNull(shape, "shape");
    CallChecks.checkRange(inputName, shape, firstIndex, input.count());
    run(
        Operator.SHARED,
        input.type(),
        key,
        context -> checkMemory(context, inputName, input, outputName, output),
        kernels ->
            kernels.forwardShared(
                spec, key.key(), shape, firstIndex, place(input, output), stream));
  }

  private void run(
      Operator operator,
      ElementType type,
      DeviceCalls.Key key,
      DeviceCalls.MemoryCheck memory,
      Work work) {
    calls.run(this, operator, type, key, memory, context -> work.queue(context.kernels()));
  }

  private static Kernels.Place place(DeviceElements input, DeviceElements output) {
    return new Kernels.Place(input.type(), input.address(), output.address(), input.count());
  }

  private static void checkPair(
      String inputName, DeviceElements input, String outputName, DeviceElements output) {
    Objects.requireNonNull(input, inputName);
    Objects.requireNonNull(output, outputName);
    CallChecks.checkTypes(inputName, input.type(), outputName, output.type());
    CallChecks.checkCounts(inputName, input.count(), outputName, output.count());
    if (input.address() != output.address()
        && overlap(input.address(), input.byteSize(), output.address(), output.byteSize())) {
      throw CallChecks.overlap(inputName, outputName);
    }
  }

  private static boolean overlap(long address1, long bytes1, long address2, long bytes2) {
    return bytes1 != 0
        && bytes2 != 0
        && Long.compareUnsigned(address1, address2 + bytes2) < 0
        && Long.compareUnsigned(address2, address1 + bytes1) < 0;
  }

  private void checkMemory(
      CudaContext context,
      String inputName,
      DeviceElements input,
      String outputName,
      DeviceElements output) {
    calls.checkMemory(context, inputName, input);
    if (output.address() != input.address()) {
      calls.checkMemory(context, outputName, output);
    }
  }
}
