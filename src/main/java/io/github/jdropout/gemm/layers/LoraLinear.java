package io.github.jdropout.gemm.layers;

import static io.github.jdropout.gemm.Transpose.NO;
import static io.github.jdropout.gemm.Transpose.YES;

import io.github.jdropout.gemm.Transpose;
import io.github.jdropout.rng.KeepThreshold;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import java.util.Objects;

/**
 * A linear layer with a low-rank adapter behind dropout: {@code output = input * W^T + (alpha /
 * rank) * dropout(input) * A^T * B^T} (Hu et al., 2021), as the {@code lora_dropout} of PEFT:
 * dropout only on the adapter's path, and only while training. W is frozen: it has no gradient.
 *
 * <p>With T tokens, I inputs and O outputs: {@code input} is [T x I], {@code output} [T x O]; all
 * matrices are of one type, f32, f16 or bf16. Each product is rounded to that type, {@code output}
 * once for W and once more when the adapter is added. Ranks may be any from 1 on.
 *
 * <p>The mask is not stored, and the dropped input neither: it is made for some rows at a time, in
 * a workspace of the caller's, and made again for the gradients. On a GPU of compute capability 8.0
 * or newer it is dropped in registers where f16 or bf16 inputs come in multiples of 8, rows of
 * input, A and the input's gradient are at multiples of 16 bytes, and the rank is at most 64; for
 * the gradients it is even, and rows of {@code gradHidden} are at multiples of 4 bytes. Then {@link
 * #forward} does not use the workspace, and {@link #backward} only for f32 sums of the gradient of
 * {@code a}, if it has room for one and 15 bytes. What it keeps for {@link #backward} is the hidden
 * matrix, [T x rank].
 *
 * <p>Immutable and safe for use by several threads, but for the workspace. Arguments are checked
 * before anything is written; messages have the shapes of all operands.
 */
public final class LoraLinear {
  /** Dropped rows that are in use should stay in the cache. */
  private static final long WORKSPACE_BYTES = 4L << 20;

  private static final ElementType[] TYPES = {ElementType.F32, ElementType.F16, ElementType.BF16};

  private final Engine engine;
  private final DropoutSpec spec;
  private final double alpha;

  private LoraLinear(Engine engine, DropoutSpec spec, double alpha) {
    this.engine = Objects.requireNonNull(engine, "engine");
    this.spec = Objects.requireNonNull(spec, "spec");
    if (!Double.isFinite(alpha)) {
      throw new IllegalArgumentException("alpha must be finite but is " + alpha);
    }
    this.alpha = alpha;
  }

  /**
   * Returns a layer that runs on an engine, which stays the caller's to close.
   *
   * @param alpha the adapter counts alpha / rank times
   * @throws IllegalArgumentException if alpha is not finite
   */
  public static LoraLinear of(Engine engine, DropoutSpec spec, double alpha) {
    return new LoraLinear(engine, spec, alpha);
  }

  /**
   * Returns a good size for the workspace of {@link #forward} and {@link #backward}: it holds some
   * rows of the input and, if the gradient of {@code a} has 16 bits, its sums in f32. One row will
   * do; fewer rows mean more calls on fewer rows each, or fewer sums at a time.
   *
   * @param type of the layer's matrices
   * @param tokens rows of the input
   * @param inputs columns of the input
   * @param rank of the adapter
   */
  public long workspaceBytes(ElementType type, long tokens, long inputs, long rank) {
    if (!drops()) {
      return 0;
    }
    long rowBytes = Math.multiplyExact(inputs, type.bytes());
    long rows = Math.max(1, WORKSPACE_BYTES / Math.max(1, rowBytes));
    long sums = type == ElementType.F32 ? 0 : Operands.sumBytes(rank, inputs);
    return Math.addExact(sums, Math.multiplyExact(Math.min(tokens, rows), rowBytes));
  }

  /** Returns whether the adapter's input differs from the layer's. */
  private boolean drops() {
    return spec.threshold() != KeepThreshold.KEEP_ALL;
  }

  /**
   * Computes a training step's output.
   *
   * @param place which mask, and where in the global input this one is
   * @param hidden [T x rank], receives what {@link #backward} needs
   * @param output overlaps no other operand
   * @param workspace at least a row of the input, see {@link #workspaceBytes}; may be null if p is
   *     0
   * @throws IllegalArgumentException if shapes or types do not go together, operands overlap,
   *     memory is not the engine's or cannot be used, or the workspace is too short
   */
  public void forward(
      MaskPlace place,
      Matrix input,
      LoraWeights weights,
      Matrix hidden,
      Matrix output,
      Bytes workspace) {
    Objects.requireNonNull(place, "place");
    forwardOperands(input, weights, hidden, output, workspace)
        .needs("workspace", workspace, rowBytes(input))
        .checkMemory();
    float scale = scale(weights);
    Epilogue dropout = dropout(place, input);
    if (!drops() || !engine.multiplyDropped(dropout, input, weights.a(), hidden)) {
      forDropped(
          dropout,
          input,
          workspace,
          (from, dropped) ->
              multiply(1, dropped, NO, weights.a(), YES, 0, hidden.rows(from, dropped.rowCount())));
    }
    multiply(1, input, NO, weights.weight(), YES, 0, output);
    multiply(scale, hidden, NO, weights.b(), YES, 1, output);
  }

  /**
   * Computes the output at inference: nothing is dropped.
   *
   * @param hidden [T x rank], to work in
   * @param output overlaps no other operand
   * @throws IllegalArgumentException as {@link #forward}
   */
  public void infer(Matrix input, LoraWeights weights, Matrix hidden, Matrix output) {
    forwardOperands(input, weights, hidden, output, null).checkMemory();
    float scale = inferenceScale(weights);
    multiply(1, input, NO, weights.a(), YES, 0, hidden);
    multiply(1, input, NO, weights.weight(), YES, 0, output);
    multiply(scale, hidden, NO, weights.b(), YES, 1, output);
  }

  /**
   * Computes the weight of a plain linear layer that does at inference what this one does: {@code W
   * + (alpha / rank) * B * A}.
   *
   * @param merged [O x I], in the type of the weights; may be the place of {@code W}
   * @throws IllegalArgumentException as {@link #forward}
   */
  public void merge(LoraWeights weights, Matrix merged) {
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(merged, "merged");
    ElementType type = weights.weight().type();
    Operands operands = weights.addTo(new Operands(engine)).writes("merged", merged);
    operands.type("weight", weights.weight(), TYPES);
    weights.check(operands, type, weights.weight().columnCount());
    operands
        .size("merged", merged, weights.weight().rowCount(), weights.weight().columnCount())
        .type("merged", merged, type)
        .checkMemory("weight", "merged");
    float scale = inferenceScale(weights);
    if (!merged.bytes().beginsLike(weights.weight().bytes())) {
      Epilogue copy = Epilogue.inference(DropoutSpec.of(0), Activation.IDENTITY);
      engine.epilogue(copy, weights.weight(), null, null, merged, null);
    }
    multiply(scale, weights.b(), NO, weights.a(), NO, 1, merged);
  }

  /**
   * Computes the gradients of a training step.
   *
   * @param place of the forward pass
   * @param input of the forward pass
   * @param hidden from the forward pass
   * @param gradOutput [T x O], gradient of the output
   * @param gradients where to write; those not wanted are null
   * @param workspace as for {@link #forward}
   * @throws IllegalArgumentException as {@link #forward}
   */
  public void backward(
      MaskPlace place,
      Matrix input,
      LoraWeights weights,
      Matrix hidden,
      Matrix gradOutput,
      LoraGradients gradients,
      Bytes workspace) {
    Objects.requireNonNull(place, "place");
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(hidden, "hidden");
    Objects.requireNonNull(gradOutput, "gradOutput");
    Objects.requireNonNull(gradients, "gradients");
    ElementType type = input.type();
    long tokens = input.rowCount();
    long inputs = input.columnCount();
    long outputs = weights.weight().rowCount();
    Matrix gradHidden = gradients.gradHidden();
    Matrix gradInput = gradients.gradInput();
    Operands operands =
        weights
            .addTo(new Operands(engine).reads("input", input))
            .reads("hidden", hidden)
            .reads("gradOutput", gradOutput)
            .writes("gradHidden", gradHidden)
            .writes("gradInput", gradInput)
            .writes("gradA", gradients.gradA())
            .writes("gradB", gradients.gradB())
            .writes("workspace", workspace)
            .type("input", input, TYPES);
    weights.check(operands, type, inputs);
    long sums = sumsInF32(gradients.gradA(), input) ? Operands.sumBytes(weights.rank(), inputs) : 0;
    operands
        .size("hidden", hidden, tokens, weights.rank())
        .type("hidden", hidden, type)
        .size("gradOutput", gradOutput, tokens, outputs)
        .type("gradOutput", gradOutput, type)
        .size("gradHidden", gradHidden, tokens, weights.rank())
        .type("gradHidden", gradHidden, type)
        .size("gradInput", gradInput, tokens, inputs)
        .type("gradInput", gradInput, type)
        .size("gradA", gradients.gradA(), weights.rank(), inputs)
        .type("gradA", gradients.gradA(), type, ElementType.F32)
        .size("gradB", gradients.gradB(), outputs, weights.rank())
        .type("gradB", gradients.gradB(), type, ElementType.F32)
        .needs("workspace", workspace, Math.addExact(sums, rowBytes(input)))
        .checkMemory();
    Epilogue dropout = dropout(place, input);
    float scale = scale(weights);
    Bytes rows = sums == 0 ? workspace : workspace.slice(sums, workspace.byteSize() - sums);
    float beta = gradients.accumulates() ? 1 : 0;
    multiply(scale, gradOutput, NO, weights.b(), NO, 0, gradHidden);
    if (gradients.gradB() != null) {
      multiply(scale, gradOutput, YES, hidden, NO, beta, gradients.gradB());
    }
    if (gradients.gradA() != null) {
      gradA(dropout, input, gradHidden, gradients, workspace, rows);
    }
    if (gradInput != null) {
      multiply(1, gradOutput, NO, weights.weight(), NO, 0, gradInput);
      addToGradInput(dropout, gradHidden, weights.a(), gradInput, rows);
    }
  }

  /** Returns whether a gradient is summed over parts of the tokens in more than its own bits. */
  private boolean sumsInF32(Matrix gradA, Matrix input) {
    return drops() && !input.shape().isEmpty() && gradA != null && gradA.type() != ElementType.F32;
  }

  /**
   * Adds up over parts of the tokens, in f32: rounding each part to 16 bits would add an error with
   * each.
   *
   * @param workspace all of it; the sums are at its beginning, if the gradient has 16 bits
   * @param rows the part of it for dropped rows
   */
  private void gradA(
      Epilogue dropout,
      Matrix input,
      Matrix gradHidden,
      LoraGradients gradients,
      Bytes workspace,
      Bytes rows) {
    Matrix gradA = gradients.gradA();
    if (drops()
        && engine.gradDroppedWeights(
            dropout, gradHidden, input, gradA, gradients.accumulates(), workspace)) {
      return;
    }
    boolean isInF32 = sumsInF32(gradA, input);
    long rank = gradA.rowCount();
    long inputs = gradA.columnCount();
    Matrix total = isInF32 ? engine.matrixIn(workspace, ElementType.F32, rank, inputs) : gradA;
    boolean accumulates = gradients.accumulates() && !isInF32;
    forDropped(
        dropout,
        input,
        rows,
        (from, dropped) -> {
          float beta = from > 0 || accumulates ? 1 : 0;
          multiply(1, gradHidden.rows(from, dropped.rowCount()), YES, dropped, NO, beta, total);
        });
    if (isInF32) {
      round(total, gradA, gradients.accumulates());
    }
  }

  /** Rounds sums to a gradient's type: in one go where it has no gaps, else row by row. */
  private void round(Matrix sums, Matrix gradient, boolean accumulates) {
    if (gradient.shape().isContiguous()) {
      long count = gradient.shape().span();
      engine.columnSums(sums.reshaped(1, count), gradient.reshaped(1, count), accumulates, null);
      return;
    }
    for (long row = 0; row < gradient.rowCount(); row++) {
      engine.columnSums(sums.rows(row, 1), gradient.rows(row, 1), accumulates, null);
    }
  }

  /** The adapter's part: what went through dropout in the forward pass does so again. */
  private void addToGradInput(
      Epilogue dropout, Matrix gradHidden, Matrix a, Matrix gradInput, Bytes workspace) {
    if (!drops()) {
      multiply(1, gradHidden, NO, a, NO, 1, gradInput);
      return;
    }
    if (engine.addDroppedGradInput(dropout, gradHidden, a, gradInput)) {
      return;
    }
    forChunks(
        gradInput,
        workspace,
        (from, chunk) -> {
          multiply(1, gradHidden.rows(from, chunk.rowCount()), NO, a, NO, 0, chunk);
          Matrix target = gradInput.rows(from, chunk.rowCount());
          engine.epilogue(dropout.atRow(from), chunk, null, target, target, null);
        });
  }

  private Operands forwardOperands(
      Matrix input, LoraWeights weights, Matrix hidden, Matrix output, Bytes workspace) {
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(hidden, "hidden");
    Objects.requireNonNull(output, "output");
    ElementType type = input.type();
    Operands operands =
        weights
            .addTo(new Operands(engine).reads("input", input))
            .writes("hidden", hidden)
            .writes("output", output)
            .writes("workspace", workspace)
            .type("input", input, TYPES);
    weights.check(operands, type, input.columnCount());
    return operands
        .size("hidden", hidden, input.rowCount(), weights.rank())
        .type("hidden", hidden, type)
        .size("output", output, input.rowCount(), weights.weight().rowCount())
        .type("output", output, type);
  }

  /** Returns the bytes of a dropped row, of which the workspace holds at least one. */
  private long rowBytes(Matrix input) {
    return !drops() || input.shape().isEmpty()
        ? 0
        : Math.multiplyExact(input.columnCount(), input.type().bytes());
  }

  private Epilogue dropout(MaskPlace place, Matrix input) {
    long stride = place.indexStride("input", input.shape());
    return Epilogue.training(spec, Activation.IDENTITY, place.key(), place.firstIndex(), stride);
  }

  private float scale(LoraWeights weights) {
    return finite(alpha / weights.rank(), weights);
  }

  private float inferenceScale(LoraWeights weights) {
    return finite(alpha / weights.rank() * spec.inferenceScale(), weights);
  }

  private float finite(double scale, LoraWeights weights) {
    float rounded = (float) scale;
    if (!Float.isFinite(rounded)) {
      throw new IllegalArgumentException(
          "alpha / rank must be finite in f32 but alpha is "
              + alpha
              + " and rank "
              + weights.rank());
    }
    return rounded;
  }

  private void multiply(
      float factor,
      Matrix left,
      Transpose transposeLeft,
      Matrix right,
      Transpose transposeRight,
      float beta,
      Matrix result) {
    engine.gemm().multiply(factor, left, transposeLeft, right, transposeRight, beta, result);
  }

  /** Works on some rows. */
  @FunctionalInterface
  private interface Rows {
    /**
     * Queues the work.
     *
     * @param from the first row
     * @param chunk as many rows as there are
     */
    void run(long from, Matrix chunk);
  }

  /** Runs over the dropped input, some rows at a time; over the input itself if p is 0. */
  private void forDropped(Epilogue dropout, Matrix input, Bytes workspace, Rows rows) {
    if (!drops() || input.shape().isEmpty()) {
      rows.run(0, input);
      return;
    }
    forChunks(
        input,
        workspace,
        (from, chunk) -> {
          Matrix part = input.rows(from, chunk.rowCount());
          engine.epilogue(dropout.atRow(from), part, null, null, chunk, null);
          rows.run(from, chunk);
        });
  }

  /** Runs over the rows of a matrix, with room for as many in the workspace. */
  private void forChunks(Matrix matrix, Bytes workspace, Rows rows) {
    MatrixShape shape = matrix.shape();
    if (shape.isEmpty()) {
      return;
    }
    long chunkRows = workspace.byteSize() / (shape.columns() * matrix.type().bytes());
    for (long from = 0; from < shape.rows(); from += chunkRows) {
      long count = Math.min(chunkRows, shape.rows() - from);
      rows.run(from, engine.matrixIn(workspace, matrix.type(), count, shape.columns()));
    }
  }

  @Override
  public String toString() {
    return "LoraLinear[" + spec + ", alpha " + alpha + ", " + engine.description() + "]";
  }
}
