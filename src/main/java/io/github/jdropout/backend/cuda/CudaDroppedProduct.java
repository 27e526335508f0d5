package io.github.jdropout.backend.cuda;

import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.EpilogueChecks;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import java.util.Objects;

/**
 * Products of a dropped matrix with a narrow one, on tensor cores: {@code output = dropout(input) *
 * weights^T}, and its gradients. With T rows, I columns and R rows of weights, {@code input} is [T
 * x I], {@code weights} [R x I] and {@code output} [T x R]. The dropped matrix is in registers
 * alone.
 *
 * <p>The mask is that of {@link CudaEpilogue#epilogue}. Of the input, what is multiplied are the
 * kept 16-bit numbers as they are; the factor multiplies sums of them. Sums are f32, in an order of
 * the processor's.
 *
 * <p>Contexts, streams, checks of pointers and failures are as in {@link CudaDropout}. Immutable
 * and safe for use by several threads.
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
   * Loads the kernels of a type into the context, so that no later call has to; where there are
   * none for it, does nothing.
   *
   * @throws CudaException if the driver does not take them; the message has its compiler's log
   */
  public void prepare(ElementType type) {
    CudaContext context = calls.context(this);
    if (!context.productKernels().haveType(type)) {
      return;
    }
    for (Operator operator : Operator.ofProducts()) {
      context.function(operator, type, false);
    }
    context.function(Operator.COLUMN_SUMS, type, false);
    context.function(Operator.COLUMN_SUMS, ElementType.F32, false);
  }

  /**
   * Returns whether {@link #multiply} takes these matrices: of one type, f16 or bf16, on compute
   * capability 8.0 or newer, with as many columns, a positive multiple of 8, at most 64 rows of
   * weights, and all rows at multiples of 16 bytes.
   */
  public boolean takes(DeviceMatrix input, DeviceMatrix weights) {
    ProductKernels kernels = calls.context(this).productKernels();
    return kernels.takesWide(input) && kernels.takesWeights(input, weights);
  }

  /**
   * Returns whether {@link #addGradInput} takes these matrices: what {@link #takes} says of the
   * input's gradient, and {@code gradOutput} of the same type, with an even number of columns and
   * all rows at multiples of 4 bytes.
   */
  public boolean takesGradInput(
      DeviceMatrix gradOutput, DeviceMatrix weights, DeviceMatrix gradInput) {
    ProductKernels kernels = calls.context(this).productKernels();
    return kernels.takesWide(gradInput)
        && kernels.takesWeights(gradInput, weights)
        && kernels.takesNarrow(gradInput, gradOutput);
  }

  /**
   * Returns whether {@link #gradWeights} takes these matrices: of one type, f16 or bf16, on compute
   * capability 8.0 or newer; the input with columns in a positive multiple of 8 and rows at
   * multiples of 16 bytes; {@code gradOutput} with an even number of columns, at most 64, and rows
   * at multiples of 4 bytes.
   */
  public boolean takesGradWeights(DeviceMatrix gradOutput, DeviceMatrix input) {
    ProductKernels kernels = calls.context(this).productKernels();
    return kernels.takesWide(input) && kernels.takesNarrow(input, gradOutput);
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
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(output, "output");
    EpilogueChecks checks = checkNotNull(dropout, "input", input);
    boolean suit =
        output.shape().hasSizeOf(MatrixShape.of(input.rowCount(), weights.rowCount()))
            && output.type() == input.type()
            && takes(input, weights);
    check(
        suit,
        dropout,
        "input [T x I], weights [R x I] and output [T x R] of f16 or bf16, I a positive multiple of"
            + " 8, R at most 64, input and weights with rows at multiples of 16 bytes",
        "input is " + input + ", weights is " + weights + " and output is " + output);
    checks.checkIndices(dropout);
    Region[] memory = {
      Region.of("output", output), Region.of("input", input), Region.of("weights", weights)
    };
    queue(
        Operator.PRODUCT,
        dropout,
        input.type(),
        memory,
        (kernels, key) -> kernels.product(dropout, key, input, weights, output, stream));
  }

  /**
   * Queues the gradient of the input, added to what is there: {@code gradInput +=
   * dropout(gradOutput * weights)}, rounded once.
   *
   * @param dropout of the product
   * @param gradOutput [T x R]
   * @param weights [R x I], of the same type
   * @param gradInput [T x I], of the same type; overlaps neither
   * @param stream a {@code CUstream} of the context, 0 for the default stream
   * @throws IllegalArgumentException as {@link #multiply}, but for {@link #takesGradInput}
   * @throws CudaException if the driver fails
   */
  public void addGradInput(
      Epilogue dropout,
      DeviceMatrix gradOutput,
      DeviceMatrix weights,
      DeviceMatrix gradInput,
      long stream) {
    Objects.requireNonNull(gradOutput, "gradOutput");
    Objects.requireNonNull(weights, "weights");
    EpilogueChecks checks = checkNotNull(dropout, "gradInput", gradInput);
    boolean suit =
        gradOutput.shape().hasSizeOf(MatrixShape.of(gradInput.rowCount(), weights.rowCount()))
            && takesGradInput(gradOutput, weights, gradInput);
    check(
        suit,
        dropout,
        "gradOutput [T x R], weights [R x I] and gradInput [T x I] of f16 or bf16, I a positive"
            + " multiple of 8, R even and at most 64, weights and gradInput with rows at multiples"
            + " of 16 bytes, gradOutput of 4",
        "gradOutput is "
            + gradOutput
            + ", weights is "
            + weights
            + " and gradInput is "
            + gradInput);
    checks.checkIndices(dropout);
    Region[] memory = {
      Region.of("gradInput", gradInput),
      Region.of("gradOutput", gradOutput),
      Region.of("weights", weights)
    };
    queue(
        Operator.PRODUCT_GRAD_INPUT,
        dropout,
        gradInput.type(),
        memory,
        (kernels, key) -> kernels.gradInput(dropout, key, gradOutput, weights, gradInput, stream));
  }

  /**
   * Returns the smallest workspace of {@link #gradWeights}: one sum of all rows, and what alignment
   * may take.
   *
   * @param weightRows R
   * @param columns I
   */
  public static long gradWeightsWorkspaceBytes(long weightRows, long columns) {
    return Math.addExact(sumBytes(MatrixShape.of(weightRows, columns)), Kernels.ACCESS_BYTES - 1);
  }

  private static long sumBytes(MatrixShape weights) {
    return Math.multiplyExact(Math.multiplyExact(weights.rows(), weights.columns()), Float.BYTES);
  }

  /**
   * Queues the gradient of the weights, {@code gradOutput^T * dropout(input)}, as sums over parts
   * of the rows, and the sum of these, rounded once.
   *
   * @param dropout of the product
   * @param gradOutput [T x R]
   * @param input [T x I], of the same type
   * @param gradWeights [R x I], of the same type or f32; overlaps nothing else
   * @param accumulates whether to add to what is there
   * @param workspace at least {@link #gradWeightsWorkspaceBytes}, which makes one sum. Where there
   *     is room there are more, one for each 512 rows at most, and no more than 512 blocks of 64
   *     columns need: so more of the GPU is busy. The order of the additions depends on it
   * @param stream a {@code CUstream} of the context, 0 for the default stream
   * @throws IllegalArgumentException as {@link #multiply}, but for {@link #takesGradWeights}; or if
   *     the workspace is too small
   * @throws CudaException if the driver fails
   */
  public void gradWeights(
      Epilogue dropout,
      DeviceMatrix gradOutput,
      DeviceMatrix input,
      DeviceMatrix gradWeights,
      boolean accumulates,
      Bytes.OfDevice workspace,
      long stream) {
    Objects.requireNonNull(gradOutput, "gradOutput");
    Objects.requireNonNull(gradWeights, "gradWeights");
    Objects.requireNonNull(workspace, "workspace");
    EpilogueChecks checks = checkNotNull(dropout, "input", input);
    boolean suit =
        gradOutput.shape().hasSizeOf(MatrixShape.of(input.rowCount(), gradWeights.rowCount()))
            && gradWeights
                .shape()
                .hasSizeOf(MatrixShape.of(gradOutput.columnCount(), input.columnCount()))
            && (gradWeights.type() == input.type() || gradWeights.type() == ElementType.F32)
            && takesGradWeights(gradOutput, input);
    check(
        suit,
        dropout,
        "gradOutput [T x R] and input [T x I] of f16 or bf16 and gradWeights [R x I] of the same or"
            + " f32, I a positive multiple of 8, R even and at most 64, input with rows at"
            + " multiples of 16 bytes, gradOutput of 4",
        "gradOutput is "
            + gradOutput
            + ", input is "
            + input
            + " and gradWeights is "
            + gradWeights);
    checks.checkIndices(dropout);
    long needed = gradWeightsWorkspaceBytes(gradWeights.rowCount(), gradWeights.columnCount());
    if (workspace.byteSize() < needed) {
      throw new IllegalArgumentException(
          "workspace must have at least " + needed + " bytes but has " + workspace.byteSize());
    }
    Region[] memory = {
      Region.of("gradWeights", gradWeights),
      Region.of("workspace", workspace),
      Region.of("gradOutput", gradOutput),
      Region.of("input", input)
    };
    memory[1].checkApart(memory[2]);
    memory[1].checkApart(memory[3]);
    long sumBytes = sumBytes(gradWeights.shape());
    long start = (workspace.address() + Kernels.ACCESS_BYTES - 1) & -Kernels.ACCESS_BYTES;
    long room = workspace.byteSize() - (start - workspace.address());
    long count = sumBytes == 0 ? 0 : ProductKernels.sums(input.shape(), room / sumBytes);
    queue(
        Operator.PRODUCT_GRAD_WEIGHTS,
        dropout,
        input.type(),
        memory,
        (kernels, key) -> {
          if (count > 0) {
            kernels.gradWeights(dropout, key, gradOutput, input, start, count, stream);
          }
        });
    DeviceCalls.Key none = DeviceCalls.NO_KEY;
    calls.run(
        this,
        Operator.COLUMN_SUMS,
        gradWeights.type(),
        none,
        context -> {},
        context -> addUp(context, start, count, gradWeights, accumulates, stream));
  }

  /** Adds up the sums: all at once where the gradient has no gaps, else row by row. */
  private static void addUp(
      CudaContext context,
      long start,
      long count,
      DeviceMatrix gradWeights,
      boolean accumulates,
      long stream) {
    long size = gradWeights.rowCount() * gradWeights.columnCount();
    DeviceMatrix target =
        gradWeights.shape().isContiguous() ? gradWeights.reshaped(1, size) : gradWeights;
    long columns = target.columnCount();
    for (long row = 0; row < target.rowCount(); row++) {
      long address = start + row * columns * Float.BYTES;
      DeviceMatrix sums =
          Matrix.onDevice(ElementType.F32, address, new MatrixShape(count, columns, size));
      context
          .epilogueKernels()
          .columnSums(sums, target.rows(row, 1).span(), accumulates, 0, stream);
    }
  }

  private static EpilogueChecks checkNotNull(Epilogue dropout, String name, DeviceMatrix wide) {
    Objects.requireNonNull(dropout, "dropout");
    return EpilogueChecks.of(name, wide);
  }

  /** Throws if operands do not suit each other, or are not of a dropped product. */
  private void check(boolean suit, Epilogue dropout, String allowed, String found) {
    if (!suit) {
      throw new IllegalArgumentException(
          "a dropped product takes "
              + allowed
              + ", on a device of compute capability 8.0 or newer, but "
              + found
              + " on "
              + calls.context(this).device());
    }
    if (dropout.activation() != Activation.IDENTITY) {
      throw new IllegalArgumentException(
          "dropout must be of identity but is of " + dropout.activation().label());
    }
  }

  /** Queues work of a kernel. */
  @FunctionalInterface
  private interface Work {
    void queue(ProductKernels kernels, Kernels.Key key);
  }

  /**
   * Checks memory and queues work.
   *
   * @param memory what is written first, which overlaps nothing else
   */
  private void queue(
      Operator operator, Epilogue dropout, ElementType type, Region[] memory, Work work) {
    for (int i = 1; i < memory.length; i++) {
      memory[0].checkApart(memory[i]);
    }
    DeviceCalls.Key key = DeviceCalls.Key.ofHost(dropout.key());
    calls.run(
        this,
        operator,
        type,
        key,
        context -> calls.checkMemory(context, memory),
        context -> work.queue(context.productKernels(), key.key()));
  }

  @Override
  public String toString() {
    return "CudaDroppedProduct[" + calls.chosenDevice() + "]";
  }
}
