package io.github.jdropout.gemm.layers;

import static io.github.jdropout.gemm.Transpose.NO;
import static io.github.jdropout.gemm.Transpose.YES;

import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import java.util.Objects;

/**
 * A linear layer that ends in dropout: {@code output = residual + dropout(activation(input * W^T +
 * bias))}.
 *
 * <p>With T tokens, I inputs and O outputs: {@code input} is [T x I], the weight [O x I], the bias
 * [1 x O], residual and output are [T x O]; all of one type, f32, f16 or bf16. Bias and residual
 * may be null. The product is one call of {@link Engine#gemm()}; all else is one pass over it,
 * which reads and writes each element once.
 *
 * <p>The mask is not stored. What {@link #forward} keeps for {@link #backward} besides the caller's
 * own matrices depends on the activation:
 *
 * <ul>
 *   <li>identity: nothing;
 *   <li>ReLU: one bit per element, whether it let the element pass;
 *   <li>GELU and SiLU: the product, since their derivatives are functions of it.
 * </ul>
 *
 * <p>Immutable and safe for use by several threads. Arguments are checked before anything is
 * written; messages have the shapes of all operands.
 */
public final class DropoutLinear {
  private final Engine engine;
  private final DropoutSpec spec;
  private final Activation activation;

  private DropoutLinear(Engine engine, DropoutSpec spec, Activation activation) {
    this.engine = Objects.requireNonNull(engine, "engine");
    this.spec = Objects.requireNonNull(spec, "spec");
    this.activation = Objects.requireNonNull(activation, "activation");
  }

  /** Returns a layer that runs on an engine, which stays the caller's to close. */
  public static DropoutLinear of(Engine engine, DropoutSpec spec, Activation activation) {
    return new DropoutLinear(engine, spec, activation);
  }

  /**
   * Returns how many bytes {@link #forward} keeps.
   *
   * @param type of the layer's matrices
   * @param tokens rows of the output
   * @param outputs columns of the output
   */
  public long keptBytes(ElementType type, long tokens, long outputs) {
    MatrixShape shape = MatrixShape.of(tokens, outputs);
    if (activation.needsProduct()) {
      return Math.multiplyExact(shape.span(), type.bytes());
    }
    return activation == Activation.RELU ? Epilogue.signBytes(shape) : 0;
  }

  /**
   * Returns how many bytes {@link #backward} works in, if it computes the gradient of a bias.
   *
   * @param tokens rows of the output
   * @param outputs columns of the output
   */
  public long workspaceBytes(long tokens, long outputs) {
    return Math.addExact(
        groupSumsBytes(tokens, outputs), engine.columnSumsBytes(Epilogue.groups(tokens), outputs));
  }

  private static long groupSumsBytes(long tokens, long outputs) {
    return Operands.sumBytes(Epilogue.groups(tokens), outputs);
  }

  /**
   * Computes a training step's output.
   *
   * @param place which mask, and where in the global output this one is
   * @param bias null for none
   * @param residual null for none; may be the place of {@code output} if the activation keeps the
   *     product
   * @param output overlaps no other operand, but see {@code residual}
   * @param kept receives {@link #keptBytes} bytes for {@link #backward}; null if that is 0
   * @throws IllegalArgumentException if shapes or types do not go together, operands overlap,
   *     memory is not the engine's or cannot be used, or {@code kept} is too short
   */
  public void forward(
      MaskPlace place,
      Matrix input,
      Matrix weight,
      Matrix bias,
      Matrix residual,
      Matrix output,
      Bytes kept) {
    Objects.requireNonNull(place, "place");
    run(place, input, weight, bias, residual, output, kept, true);
  }

  /**
   * Computes the output at inference: nothing is dropped, nothing is kept.
   *
   * <p>The element's factor is 1, or {@code T / 65536} with classical scaling.
   *
   * @param output overlaps no other operand
   * @throws IllegalArgumentException as {@link #forward}
   */
  public void infer(Matrix input, Matrix weight, Matrix bias, Matrix residual, Matrix output) {
    run(null, input, weight, bias, residual, output, null, false);
  }

  private void run(
      MaskPlace place,
      Matrix input,
      Matrix weight,
      Matrix bias,
      Matrix residual,
      Matrix output,
      Bytes kept,
      boolean isTraining) {
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(weight, "weight");
    Objects.requireNonNull(output, "output");
    ElementType type = input.type();
    long tokens = input.rowCount();
    long outputs = weight.rowCount();
    boolean keepsProduct = isTraining && activation.needsProduct();
    Operands operands =
        new Operands(engine)
            .reads("input", input)
            .reads("weight", weight)
            .reads("bias", bias)
            .reads("residual", residual)
            .writes("output", output)
            .writes("kept", kept);
    checkLayer(operands, input, weight, bias, output, "output");
    operands
        .size("residual", residual, tokens, outputs)
        .type("residual", residual, type)
        .needs("kept", kept, isTraining ? keptBytes(type, tokens, outputs) : 0);
    if (keepsProduct) {
      operands.checkMemory("residual", "output");
    } else {
      operands.checkMemory();
    }
    Epilogue epilogue =
        isTraining ? training(place, output.shape()) : Epilogue.inference(spec, activation);
    Matrix product = keepsProduct ? engine.matrixIn(kept, type, tokens, outputs) : output;
    engine.gemm().multiply(1, input, NO, weight, YES, 0, product);
    Bytes signs = isTraining && activation == Activation.RELU ? kept : null;
    engine.epilogue(epilogue, product, bias, residual, output, signs);
  }

  /**
   * Computes the gradients of a training step.
   *
   * @param place of the forward pass
   * @param input of the forward pass
   * @param bias of the forward pass
   * @param kept from the forward pass
   * @param gradOutput gradient of the output, and of the residual; not modified unless it is also
   *     {@code gradProduct}
   * @param gradients where to write; those not wanted are null
   * @param workspace of {@link #workspaceBytes} bytes if the bias's gradient is wanted; may be null
   *     if not
   * @throws IllegalArgumentException as {@link #forward}
   */
  public void backward(
      MaskPlace place,
      Matrix input,
      Matrix weight,
      Matrix bias,
      Bytes kept,
      Matrix gradOutput,
      LinearGradients gradients,
      Bytes workspace) {
    Objects.requireNonNull(place, "place");
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(weight, "weight");
    Objects.requireNonNull(gradOutput, "gradOutput");
    Objects.requireNonNull(gradients, "gradients");
    ElementType type = input.type();
    long tokens = input.rowCount();
    long outputs = weight.rowCount();
    Matrix gradProduct = gradients.gradProduct();
    Matrix gradBias = gradients.gradBias();
    Operands operands =
        new Operands(engine)
            .reads("input", input)
            .reads("weight", weight)
            .reads("bias", bias)
            .reads("gradOutput", gradOutput)
            .reads("kept", kept)
            .writes("gradProduct", gradProduct)
            .writes("gradInput", gradients.gradInput())
            .writes("gradWeight", gradients.gradWeight())
            .writes("gradBias", gradBias)
            .writes("workspace", workspace);
    checkLayer(operands, input, weight, bias, gradOutput, "gradOutput");
    operands
        .size("gradProduct", gradProduct, tokens, outputs)
        .type("gradProduct", gradProduct, type)
        .size("gradInput", gradients.gradInput(), tokens, input.columnCount())
        .type("gradInput", gradients.gradInput(), type)
        .size("gradWeight", gradients.gradWeight(), outputs, input.columnCount())
        .type("gradWeight", gradients.gradWeight(), type, ElementType.F32)
        .size("gradBias", gradBias, 1, outputs)
        .type("gradBias", gradBias, type, ElementType.F32)
        .needs("kept", kept, keptBytes(type, tokens, outputs))
        .needs("workspace", workspace, gradBias == null ? 0 : workspaceBytes(tokens, outputs))
        .checkMemory("gradOutput", "gradProduct");
    Epilogue epilogue = training(place, gradOutput.shape());
    boolean needsProduct = activation.needsProduct();
    Matrix product = needsProduct ? engine.matrixIn(kept, type, tokens, outputs) : null;
    long groups = Epilogue.groups(tokens);
    Matrix groupSums =
        gradBias == null ? null : engine.matrixIn(workspace, ElementType.F32, groups, outputs);
    if (!gradOutput.shape().isEmpty()) {
      engine.epilogueGradient(
          epilogue,
          gradOutput,
          product,
          needsProduct ? bias : null,
          activation == Activation.RELU ? kept : null,
          gradProduct,
          groupSums);
    }
    if (gradBias != null) {
      long used = groupSumsBytes(tokens, outputs);
      long left = workspaceBytes(tokens, outputs) - used;
      Bytes rest = left == 0 ? null : workspace.slice(used, left);
      engine.columnSums(groupSums, gradBias, gradients.accumulates(), rest);
    }
    float beta = gradients.accumulates() ? 1 : 0;
    if (gradients.gradWeight() != null) {
      engine.gemm().multiply(1, gradProduct, YES, input, NO, beta, gradients.gradWeight());
    }
    if (gradients.gradInput() != null) {
      engine.gemm().multiply(1, gradProduct, NO, weight, NO, 0, gradients.gradInput());
    }
  }

  private Epilogue training(MaskPlace place, MatrixShape shape) {
    return Epilogue.training(
        spec, activation, place.key(), place.firstIndex(), place.indexStride("output", shape));
  }

  /** Checks what both passes have in common. */
  private static void checkLayer(
      Operands operands,
      Matrix input,
      Matrix weight,
      Matrix bias,
      Matrix output,
      String outputName) {
    ElementType type = input.type();
    operands
        .type("input", input, ElementType.F32, ElementType.F16, ElementType.BF16)
        .size("weight", weight, weight.rowCount(), input.columnCount())
        .type("weight", weight, type)
        .size("bias", bias, 1, weight.rowCount())
        .type("bias", bias, type)
        .size(outputName, output, input.rowCount(), weight.rowCount())
        .type(outputName, output, type);
  }

  @Override
  public String toString() {
    return "DropoutLinear[" + spec + ", " + activation.label() + ", " + engine.description() + "]";
  }
}
