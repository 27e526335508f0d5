package io.github.jdropout.parity;

import io.github.jdropout.parity.CaseResult.Difference;
import io.github.jdropout.parity.reference.ReferenceEpilogue;
import io.github.jdropout.parity.reference.ReferenceRows;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.Matrix;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Runs the sums that make the gradient of a bias. */
final class BiasRunner implements CaseRunner {
  @Override
  public CaseResult run(ParityCase given, Subject subject, Workspace workspace, Threads threads) {
    ElementType type = given.type().orElseThrow();
    int rows = given.size(CaseField.ROWS);
    int columns = given.size(CaseField.COLUMNS);
    boolean accumulates = given.is(CaseField.ACCUMULATE);
    MemorySegment groups = workspace.memory((long) rows * columns * Float.BYTES);
    Values.LAYER.fill(workspace, ElementType.F32, groups, (int) given.key().seed() + rows);
    MemorySegment old = workspace.memory((long) columns * type.bytes());
    Values.LAYER.fill(workspace, type, old, columns);

    Guarded sums = given.place().allocate(workspace, ElementType.F32, groups.byteSize());
    sums.memory().copyFrom(groups);
    Guarded gradient = given.place().allocate(workspace, type, old.byteSize());
    if (accumulates) {
      gradient.memory().copyFrom(old);
    }
    HostMatrix groupSums = Matrix.of(ElementType.F32, sums.memory(), rows, columns);
    Elements gradBias = Elements.of(type, gradient.memory());
    threads.run(given.threads(), () -> subject.columnSums(groupSums, gradBias, accumulates));

    MemorySegment expected = workspace.memory(old.byteSize()).copyFrom(old);
    if (!accumulates) {
      ReferenceRows.write(type, sum(groups, rows, columns), expected, 0);
    } else if (rows > 0) {
      float[] before = ReferenceRows.read(type, old, 0, columns);
      float[] after = ReferenceRows.arguments(sum(groups, rows, columns), before);
      ReferenceRows.write(type, after, expected, 0);
    }
    Optional<Difference> difference =
        Checks.compare(type, expected, gradient.memory(), null, false, "")
            .or(() -> Checks.canaries(gradient, type.bytes(), "gradient"))
            .or(() -> Checks.canaries(sums, Float.BYTES, "sums"));
    return new CaseResult(difference, 0);
  }

  /** Sums each 32 rows until one is left. */
  private static float[] sum(MemorySegment groups, int rows, int columns) {
    float[][] left = new float[rows][];
    for (int row = 0; row < rows; row++) {
      left[row] = ReferenceRows.read(ElementType.F32, groups, (long) row * columns, columns);
    }
    while (left.length > 1) {
      left = ReferenceEpilogue.groupSums(left, columns);
    }
    return left.length == 0 ? new float[columns] : left[0];
  }

  /** Writes rows of f32 one after the other. */
  static void write(float[][] rows, MemorySegment memory) {
    long at = 0;
    for (float[] row : rows) {
      ReferenceRows.write(ElementType.F32, row, memory, at);
      at += row.length;
    }
  }
}
