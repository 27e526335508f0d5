package io.github.jdropout.parity;

import io.github.jdropout.parity.CaseResult.Difference;
import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.parity.reference.ReferenceEpilogue;
import io.github.jdropout.parity.reference.ReferenceMask;
import io.github.jdropout.parity.reference.ReferenceRows;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.Matrix;
import io.github.jdropout.spec.MatrixShape;
import io.github.jdropout.spec.Scaling;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** What the cases of epilogues and of their gradients have in common: operands and memory. */
final class LayerCase {
  static final int PRODUCT = 1;
  static final int BIAS = 2;
  static final int RESIDUAL = 3;
  static final int GRADIENT = 4;

  final ElementType type;
  final int rows;
  final int columns;
  final Activation activation;
  final Epilogue epilogue;
  final ReferenceRows reference;

  private final ParityCase given;
  private final Workspace workspace;
  private final MatrixShape shape;
  private final long indexStride;
  private final int threshold;

  LayerCase(ParityCase given, Workspace workspace) {
    this.given = given;
    this.workspace = workspace;
    type = given.type().orElseThrow();
    rows = given.size(CaseField.ROWS);
    columns = given.size(CaseField.COLUMNS);
    shape = new MatrixShape(rows, columns, columns + given.natural(CaseField.GAP));
    activation = given.activation();
    indexStride = columns + given.natural(CaseField.BEYOND);
    DropoutSpec spec = given.spec();
    boolean isInverted = spec.scaling() == Scaling.INVERTED;
    int drawn = ReferenceMask.threshold(spec.p());
    float factor;
    if (given.has(CaseField.INFERENCE) && given.is(CaseField.INFERENCE)) {
      threshold = 65536;
      factor = isInverted ? 1 : drawn / 65536f;
      epilogue = Epilogue.inference(spec, activation);
    } else {
      threshold = drawn;
      factor = isInverted && drawn != 0 ? ReferenceArithmetic.scaleF32(drawn) : 1;
      long first = given.natural(CaseField.FIRST);
      epilogue = Epilogue.training(spec, activation, given.key(), first, indexStride);
    }
    reference = new ReferenceRows(new ReferenceEpilogue(type, activation, factor));
  }

  /** Returns the numbers of an operand, row after row, without gaps. */
  MemorySegment numbers(int operand, long count) {
    MemorySegment numbers = workspace.memory(count * type.bytes());
    Values.LAYER.fill(workspace, type, numbers, operand + 5 * (rows + columns));
    return numbers;
  }

  /** Returns the numbers of a matrix. */
  MemorySegment numbers(int operand) {
    return numbers(operand, (long) rows * columns);
  }

  /** Returns a matrix's memory, poisoned. */
  Guarded poisoned() {
    return given.place().allocate(workspace, type, shape.span() * type.bytes());
  }

  /** Returns a matrix with numbers in it and poison between its rows. */
  Guarded matrix(MemorySegment numbers) {
    Guarded matrix = poisoned();
    scatter(numbers, matrix.memory());
    return matrix;
  }

  /** Returns what the memory of a matrix must be. */
  MemorySegment expected(MemorySegment numbers) {
    MemorySegment expected = workspace.memory(shape.span() * type.bytes());
    expected.fill(Guarded.POISON);
    scatter(numbers, expected);
    return expected;
  }

  private void scatter(MemorySegment numbers, MemorySegment matrix) {
    long rowBytes = (long) columns * type.bytes();
    for (int row = 0; row < rows; row++) {
      long at = row * shape.rowStride() * type.bytes();
      MemorySegment.copy(numbers, row * rowBytes, matrix, at, rowBytes);
    }
  }

  /** Returns memory with the numbers of a vector; null for none. */
  Guarded copy(MemorySegment numbers) {
    if (numbers == null) {
      return null;
    }
    Guarded copy = given.place().allocate(workspace, type, numbers.byteSize());
    copy.memory().copyFrom(numbers);
    return copy;
  }

  /** Returns memory with bytes in it. */
  Guarded copyBytes(MemorySegment bytes) {
    Guarded copy = given.place().allocate(workspace, null, bytes.byteSize());
    copy.memory().copyFrom(bytes);
    return copy;
  }

  /** Returns the first number of a matrix, or place between its rows, that is not as it should. */
  Optional<Difference> compare(MemorySegment numbers, Guarded matrix, String what) {
    return Checks.compare(type, expected(numbers), matrix.memory(), null, false, what)
        .map(this::withoutGaps);
  }

  /** Checks that a matrix is what it was. */
  Optional<Difference> unmodified(MemorySegment numbers, Guarded matrix, String what) {
    return Checks.compare(
            type, expected(numbers), matrix.memory(), null, true, what + " was modified")
        .map(this::withoutGaps)
        .or(() -> canaries(matrix, what));
  }

  Optional<Difference> canaries(Guarded matrix, String what) {
    return Checks.canaries(matrix, type.bytes(), what);
  }

  /**
   * Checks the bias, which is read, and the signs, which a forward call writes and a backward call
   * reads.
   *
   * @param bias null for none
   * @param signs null for none
   */
  Optional<Difference> checkSmall(
      MemorySegment biases, Guarded bias, MemorySegment products, Guarded signs) {
    Optional<Difference> difference = Optional.empty();
    if (bias != null) {
      difference = Checks.unmodified(type, biases, bias, "bias");
    }
    if (signs == null) {
      return difference;
    }
    return difference
        .or(() ->
            Checks.compare(
                ElementType.F64,
                signs(products, biases),
                signs.memory(),
                null,
                true,
                "signs, of which an element is a word"))
        .or(() -> Checks.canaries(signs, 1, "signs"));
  }

  /** Returns the matrix in some memory; null for none. */
  HostMatrix host(Guarded memory) {
    return memory == null ? null : Matrix.of(type, memory.memory(), shape);
  }

  /** Returns the elements in some memory; null for none. */
  Elements elements(Guarded memory) {
    return memory == null ? null : Elements.of(type, memory.memory());
  }

  /** Returns the index of an element without gaps; what is in a gap has that of its row's last. */
  Difference withoutGaps(Difference difference) {
    long row = difference.index() / shape.rowStride();
    long column = difference.index() % shape.rowStride();
    return new Difference(
        row * columns + Math.min(column, columns - 1L),
        difference.input(),
        difference.expected(),
        difference.actual(),
        column < columns ? difference.what() : "a gap between rows was written");
  }

  long[] kept(int row) {
    MaskKey key = given.key();
    long first = given.natural(CaseField.FIRST) + row * indexStride;
    return ReferenceRows.kept(key.seed(), key.stream(), first, threshold, columns);
  }

  /** Returns a row of an operand; null if there is none. */
  float[] row(MemorySegment numbers, int row) {
    return numbers == null
        ? null
        : ReferenceRows.read(type, numbers, (long) row * columns, columns);
  }

  /** Returns the arguments of a row's activations. */
  float[] arguments(MemorySegment product, MemorySegment bias, int row) {
    return ReferenceRows.arguments(row(product, row), row(bias, 0));
  }

  /** Returns the sign bits, each row in words of its own. */
  MemorySegment signs(MemorySegment product, MemorySegment bias) {
    int words = (columns + 63) / 64;
    MemorySegment signs = workspace.memory(8L * rows * words);
    forEachRow(row -> {
      long[] bits = ReferenceRows.signs(arguments(product, bias, row));
      ReferenceRows.writeWords(bits, signs, (long) row * words);
    });
    return signs;
  }

  void forEachRow(IntConsumer body) {
    IntStream.range(0, rows).parallel().forEach(body);
  }
}
