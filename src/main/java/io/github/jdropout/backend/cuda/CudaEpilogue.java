package io.github.jdropout.backend.cuda;

import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.CallChecks;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.EpilogueChecks;
import io.github.jdropout.spec.MatrixShape;
import java.util.Objects;

/**
 * The ends of layers on memory that is on a GPU: bias, activation, dropout and residual in one pass
 * over the product of matrices, and its gradient.
 *
 * <p>{@code docs/contract.md}, section "Layers", says what is computed; the results have the same
 * bits as the CPU's. Contexts, streams, checks of pointers and failures are as in {@link
 * CudaDropout}; each call queues one launch, {@link #columnSums} one for each factor of 1024 of its
 * rows. Arguments are checked before anything is queued.
 *
 * <p>An output may be the very place of an input where a method says so; memory must not overlap
 * otherwise, though parts of the columns of one matrix may lie beside each other.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class CudaEpilogue {
  private final DeviceCalls calls;

  private CudaEpilogue(DeviceCalls calls) {
    this.calls = calls;
  }

  /**
   * Returns epilogues in whatever context is current; the first device's where there is none.
   *
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU can be used here
   */
  public static CudaEpilogue of() {
    return new CudaEpilogue(new DeviceCalls(CudaSupport.devices().get(0), false));
  }

  /**
   * Returns epilogues on one device; calls in a context of another fail.
   *
   * @throws io.github.jdropout.spec.BackendUnavailableException if no GPU can be used here
   */
  public static CudaEpilogue of(CudaDevice device) {
    return new CudaEpilogue(new DeviceCalls(device, true));
  }

  /** Returns epilogues in one context, whichever is current. */
  public static CudaEpilogue in(CudaAccess access) {
    return new CudaEpilogue(new DeviceCalls(access.context()));
  }

  /**
   * Loads the kernels of a type into the context that a call would use, so that no later call has
   * to.
   *
   * @param type f32, f16 or bf16; sums are always f32 as well
   * @throws IllegalArgumentException if layers have no such type
   * @throws CudaException if the driver does not take them; the message has its compiler's log
   */
  public void prepare(ElementType type) {
    Objects.requireNonNull(type, "type");
    EpilogueChecks.checkLayerType("type", type);
    CudaContext context = calls.context(this);
    for (Operator operator : Operator.ofLayers()) {
      context.function(operator, type, false);
      if (operator.takesDeviceKey()) {
        context.function(operator, type, true);
      }
    }
    context.function(Operator.COLUMN_SUMS, ElementType.F32, false);
  }

  /**
   * Queues {@code output = residual + dropout(activation(product + bias))}.
   *
   * @param bias one number per column, of the matrices' type; null for none
   * @param residual null for none
   * @param output may be the place of {@code product} or {@code residual}
   * @param signs receives {@link Epilogue#signBytes} bytes, for ReLU's gradient; null for none
   * @param stream a {@code CUstream} of the context, 0 for the default stream
   * @throws IllegalArgumentException if types, sizes or indices do not suit each other, there are
   *     signs without ReLU, an output overlaps something without being its place, or memory is not
   *     the device's
   * @throws CudaException if the driver fails
   */
  public void epilogue(
      Epilogue epilogue,
      DeviceMatrix product,
      DeviceElements bias,
      DeviceMatrix residual,
      DeviceMatrix output,
      Bytes.OfDevice signs,
      long stream) {
    Objects.requireNonNull(epilogue, "epilogue");
    DeviceCalls.Key key = DeviceCalls.Key.ofHost(epilogue.key());
    queue(epilogue, key, product, bias, residual, output, signs, stream);
  }

  /**
   * Queues the same with a key that the kernel reads from device memory when it runs.
   *
   * @param epilogue whose own key is ignored
   * @param key of the same device
   * @throws IllegalArgumentException as {@link #epilogue(Epilogue, DeviceMatrix, DeviceElements,
   *     DeviceMatrix, DeviceMatrix, Bytes.OfDevice, long)}
   * @throws IllegalStateException if the key is closed
   */
  public void epilogue(
      Epilogue epilogue,
      DeviceKey key,
      DeviceMatrix product,
      DeviceElements bias,
      DeviceMatrix residual,
      DeviceMatrix output,
      Bytes.OfDevice signs,
      long stream) {
    Objects.requireNonNull(epilogue, "epilogue");
    DeviceCalls.Key deviceKey = DeviceCalls.Key.ofDevice(key);
    queue(epilogue, deviceKey, product, bias, residual, output, signs, stream);
  }

  /**
   * Queues the gradient with respect to the product, and the first step of the bias's.
   *
   * @param epilogue of the forward call
   * @param product of the forward call, for activations that need it; else null
   * @param bias of the forward call; null for none
   * @param signs of the forward call, for ReLU; else null
   * @param gradProduct may be the place of {@code gradOutput} or {@code product}
   * @param groupSums f32, {@link Epilogue#groups} rows: receives the sums over each 32 rows of the
   *     unrounded gradient, for {@link #columnSums}; null for none
   * @throws IllegalArgumentException as the forward call, or if something that the activation needs
   *     is missing
   * @throws CudaException if the driver fails
   */
  public void epilogueGradient(
      Epilogue epilogue,
      DeviceMatrix gradOutput,
      DeviceMatrix product,
      DeviceElements bias,
      Bytes.OfDevice signs,
      DeviceMatrix gradProduct,
      DeviceMatrix groupSums,
      long stream) {
    Objects.requireNonNull(epilogue, "epilogue");
    DeviceCalls.Key key = DeviceCalls.Key.ofHost(epilogue.key());
    queueGradient(epilogue, key, gradOutput, product, bias, signs, gradProduct, groupSums, stream);
  }

  /**
   * Queues the gradient with a key in device memory, which must not have advanced since.
   *
   * @param epilogue whose own key is ignored
   * @throws IllegalStateException if the key is closed
   */
  public void epilogueGradient(
      Epilogue epilogue,
      DeviceKey key,
      DeviceMatrix gradOutput,
      DeviceMatrix product,
      DeviceElements bias,
      Bytes.OfDevice signs,
      DeviceMatrix gradProduct,
      DeviceMatrix groupSums,
      long stream) {
    Objects.requireNonNull(epilogue, "epilogue");
    DeviceCalls.Key deviceKey = DeviceCalls.Key.ofDevice(key);
    queueGradient(
        epilogue, deviceKey, gradOutput, product, bias, signs, gradProduct, groupSums, stream);
  }

  /**
   * Returns the size of the memory in which {@link #columnSums} works.
   *
   * @param groups rows of sums, at least 0
   * @param columns at least 0
   * @return bytes; 0 up to 1024 rows
   */
  public static long columnSumsWorkspaceBytes(long groups, long columns) {
    MatrixShape.of(groups, columns);
    return EpilogueKernels.workspaceBytes(groups, columns);
  }

  /**
   * Queues the rest of the bias's gradient: the sums over the rows that {@link #epilogueGradient}
   * left, by 32 and 32 until there is one.
   *
   * @param groupSums f32; not modified
   * @param gradBias one number per column, f32, f16 or bf16
   * @param accumulates whether the sum is added to what {@code gradBias} holds
   * @param workspace at least {@link #columnSumsWorkspaceBytes}, at a multiple of 4; null if that
   *     is 0
   * @param stream a {@code CUstream} of the context, 0 for the default stream
   * @throws IllegalArgumentException if types or sizes do not suit each other, memory overlaps, or
   *     is not the device's
   * @throws CudaException if the driver fails
   */
  public void columnSums(
      DeviceMatrix groupSums,
      DeviceElements gradBias,
      boolean accumulates,
      Bytes.OfDevice workspace,
      long stream) {
    Objects.requireNonNull(groupSums, "groupSums");
    Objects.requireNonNull(gradBias, "gradBias");
    EpilogueChecks.checkColumnSums(groupSums, gradBias.type(), gradBias.count());
    Region sums = Region.of("groupSums", groupSums);
    Region gradient = Region.of("gradBias", gradBias);
    Region work = Region.of("workspace", workspace);
    checkWorkspace(groupSums, work);
    gradient.checkApart(sums);
    work.checkApart(sums);
    work.checkApart(gradient);
    if (work.bytes() != 0) {
      // Sums on the way are f32, and nothing may be loaded between push and pop.
      calls.context(this).function(Operator.COLUMN_SUMS, ElementType.F32, false);
    }
    calls.run(
        this,
        Operator.COLUMN_SUMS,
        gradBias.type(),
        DeviceCalls.NO_KEY,
        context -> calls.checkMemory(context, sums, gradient, work),
        context ->
            context
                .epilogueKernels()
                .columnSums(groupSums, gradBias, accumulates, work.address(), stream));
  }

  private static void checkWorkspace(DeviceMatrix groupSums, Region workspace) {
    MatrixShape shape = groupSums.shape();
    long needed = EpilogueKernels.workspaceBytes(shape.rows(), shape.columns());
    if (workspace.bytes() < needed || workspace.address() % Float.BYTES != 0) {
      throw new IllegalArgumentException(
          "workspace must have at least "
              + needed
              + " bytes at a multiple of 4 for groupSums "
              + shape
              + " but has "
              + workspace.bytes()
              + " at 0x"
              + Long.toHexString(workspace.address()));
    }
  }

  private void queue(
      Epilogue epilogue,
      DeviceCalls.Key key,
      DeviceMatrix product,
      DeviceElements bias,
      DeviceMatrix residual,
      DeviceMatrix output,
      Bytes.OfDevice signs,
      long stream) {
    EpilogueChecks checks = EpilogueChecks.of("product", product);
    Objects.requireNonNull(output, "output");
    checkMatrices(checks, bias, named("residual", residual), named("output", output));
    checks.checkIndices(epilogue);
    if (signs != null) {
      checks.checkSigns(epilogue.activation(), signs.byteSize());
    }
    checkPlaces("output", output, "product", product);
    checkPlaces("output", output, "residual", residual);
    Region[] memory = {
      Region.of("product", product),
      Region.of("bias", bias),
      Region.of("residual", residual),
      Region.of("output", output),
      Region.ofSigns(signs, product.shape())
    };
    memory[3].checkApart(memory[1]);
    for (int i = 0; i < 4; i++) {
      memory[4].checkApart(memory[i]);
    }
    calls.run(
        this,
        Operator.EPILOGUE,
        product.type(),
        key,
        context -> calls.checkMemory(context, memory),
        context ->
            context
                .epilogueKernels()
                .epilogue(epilogue, key.key(), product, bias, residual, output, signs, stream));
  }

  private void queueGradient(
      Epilogue epilogue,
      DeviceCalls.Key key,
      DeviceMatrix gradOutput,
      DeviceMatrix product,
      DeviceElements bias,
      Bytes.OfDevice signs,
      DeviceMatrix gradProduct,
      DeviceMatrix groupSums,
      long stream) {
    EpilogueChecks checks = EpilogueChecks.of("gradOutput", gradOutput);
    Objects.requireNonNull(gradProduct, "gradProduct");
    Activation activation = epilogue.activation();
    EpilogueChecks.checkNeeds(activation, product != null, signs != null);
    checkMatrices(checks, bias, named("product", product), named("gradProduct", gradProduct));
    checks.checkIndices(epilogue);
    if (signs != null) {
      checks.checkSigns(activation, signs.byteSize());
    }
    if (groupSums != null) {
      checks.checkGroupSums(groupSums);
    }
    checkPlaces("gradProduct", gradProduct, "gradOutput", gradOutput);
    checkPlaces("gradProduct", gradProduct, "product", product);
    Region[] memory = {
      Region.of("gradOutput", gradOutput),
      Region.of("product", product),
      Region.of("bias", bias),
      Region.ofSigns(signs, gradOutput.shape()),
      Region.of("gradProduct", gradProduct),
      Region.of("groupSums", groupSums)
    };
    memory[4].checkApart(memory[2]);
    memory[4].checkApart(memory[3]);
    for (int i = 0; i < 5; i++) {
      memory[5].checkApart(memory[i]);
    }
    calls.run(
        this,
        Operator.EPILOGUE_GRADIENT,
        gradOutput.type(),
        key,
        context -> calls.checkMemory(context, memory),
        context ->
            context
                .epilogueKernels()
                .epilogueGradient(
                    epilogue,
                    key.key(),
                    gradOutput,
                    product,
                    bias,
                    signs,
                    gradProduct,
                    groupSums,
                    stream));
  }

  private static EpilogueChecks.Named named(String name, DeviceMatrix matrix) {
    return new EpilogueChecks.Named(name, matrix);
  }

  private static void checkMatrices(
      EpilogueChecks checks, DeviceElements bias, EpilogueChecks.Named... others) {
    checks.checkMatrices(
        bias == null ? null : bias.type(), bias == null ? 0 : bias.count(), others);
  }

  /** Checks that an output is an input's very place, or shares no element with it. */
  private static void checkPlaces(
      String outputName, DeviceMatrix output, String inputName, DeviceMatrix input) {
    if (input == null || isSamePlace(output, input)) {
      return;
    }
    long bytes = output.address() - input.address();
    boolean isWhole = bytes % input.type().bytes() == 0;
    long distance = bytes / input.type().bytes();
    if (isWhole
        ? EpilogueChecks.overlap(input.shape(), output.shape(), distance)
        : Region.of(inputName, input).overlaps(Region.of(outputName, output))) {
      throw CallChecks.overlap(inputName, outputName);
    }
  }

  private static boolean isSamePlace(DeviceMatrix output, DeviceMatrix input) {
    return output.address() == input.address()
        && (output.rowCount() <= 1 || output.shape().rowStride() == input.shape().rowStride());
  }

  @Override
  public String toString() {
    return calls.chosenDevice() == null
        ? "CudaEpilogue"
        : "CudaEpilogue[" + calls.chosenDevice() + "]";
  }
}
