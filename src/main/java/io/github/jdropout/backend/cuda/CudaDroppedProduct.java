package io.github.jdropout.backend.cuda;

import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.EpilogueChecks;
import java.util.Objects;

/**
 * Products of a dropped matrix with a narrow one, on tensor cores: {@code output = dropout(input) *
 * weights^T}. The dropped input is in registers alone.
 *
 * <p>What is dropped, and the 16-bit numbers that are multiplied, have the bits of {@link
 * CudaEpilogue#epilogue}; sums are f32, in the processor's order. Contexts, streams, checks of
 * pointers and failures are as in {@link CudaDropout}.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class CudaDroppedProduct {
  private final DeviceCalls calls;

  private CudaDroppedProduct(DeviceCalls calls) {
    this.calls = calls;
  }

  /** Returns products in one context, whichever is current. */
  public static CudaDroppedProduct in(CudaAccess access) {
    return new CudaDroppedProduct(new DeviceCalls(access.context()));
  }

  /**
   * Loads the kernel of a type into the context, so that no later call has to; where there is none
   * for it, does nothing.
   *
   * @throws CudaException if the driver does not take it; the message has its compiler's log
   */
  public void prepare(ElementType type) {
    CudaContext context = calls.context(this);
    if (context.epilogueKernels().hasProduct(type)) {
      context.function(Operator.PRODUCT, type, false);
    }
  }

  /**
   * Returns whether {@link #multiply} takes these matrices: of one type, f16 or bf16, on compute
   * capability 8.0 or newer, with as many columns, a positive multiple of 8, at most 64 rows of
   * weights, and all rows at multiples of 16 bytes.
   */
  public boolean takes(DeviceMatrix input, DeviceMatrix weights) {
    return calls.context(this).epilogueKernels().takesProduct(input, weights);
  }

  /**
   * Queues a product.
   *
   * @param dropout of the identity
   * @param input [T x I]
   * @param weights [R x I], of the same type
   * @param output [T x R], of the same type; overlaps neither
   * @param stream a {@code CUstream} of the context, 0 for the default stream
   * @throws IllegalArgumentException if types, sizes or indices do not suit each other, {@link
   *     #takes} is false, the dropout has an activation, memory overlaps or is not the device's
   * @throws CudaException if the driver fails
   */
  public void multiply(
      Epilogue dropout,
      DeviceMatrix input,
      DeviceMatrix weights,
      DeviceMatrix output,
      long stream) {
    Objects.requireNonNull(dropout, "dropout");
    EpilogueChecks checks = EpilogueChecks.of("input", input);
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(output, "output");
    checkSuited(dropout, input, weights, output);
    checks.checkIndices(dropout);
    Region[] memory = {
      Region.of("input", input), Region.of("weights", weights), Region.of("output", output)
    };
    memory[2].checkApart(memory[0]);
    memory[2].checkApart(memory[1]);
    DeviceCalls.Key key = DeviceCalls.Key.ofHost(dropout.key());
    calls.run(
        this,
        Operator.PRODUCT,
        input.type(),
        key,
        context -> calls.checkMemory(context, memory),
        context ->
            context.epilogueKernels().product(dropout, key.key(), input, weights, output, stream));
  }

  private void checkSuited(
      Epilogue dropout, DeviceMatrix input, DeviceMatrix weights, DeviceMatrix output) {
    boolean haveSizes =
        weights.columnCount() == input.columnCount()
            && output.rowCount() == input.rowCount()
            && output.columnCount() == weights.rowCount();
    boolean areOfType = weights.type() == input.type() && output.type() == input.type();
    if (!haveSizes || !areOfType || !takes(input, weights)) {
      throw new IllegalArgumentException(
          "a dropped product takes input [T x I], weights [R x I] and output [T x R] of f16 or"
              + " bf16, I a positive multiple of 8, R at most 64, input and weights with rows at"
              + " multiples of 16 bytes, on a device of compute capability 8.0 or newer, but input"
              + " is "
              + input
              + ", weights is "
              + weights
              + " and output is "
              + output
              + " on "
              + calls.context(this).device());
    }
    if (dropout.activation() != Activation.IDENTITY) {
      throw new IllegalArgumentException(
          "dropout must be of identity but is of " + dropout.activation().label());
    }
  }

  @Override
  public String toString() {
    return "CudaDroppedProduct[" + calls.chosenDevice() + "]";
  }
}
