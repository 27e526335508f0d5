package io.github.jdropout.backend.ffm;

import io.github.jdropout.backend.EpilogueBackend;
import io.github.jdropout.backend.ffm.EpilogueFunctions.NativeRows;
import io.github.jdropout.backend.ffm.EpilogueFunctions.Part;
import io.github.jdropout.backend.tiled.ParallelSlices;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MatrixShape;
import java.lang.foreign.MemorySegment;

/**
 * Epilogues of layers by the native library, on the caller's memory without a copy.
 *
 * <p>The garbage collector waits for calls that work on arrays, so each is kept short: parts of at
 * most {@link FfmBackend#callElements} elements, cut between groups of rows and, in long rows,
 * between tiles.
 */
abstract class FfmEpilogues implements EpilogueBackend {
  /** Columns of a part are a multiple of this: of a tile, and so of a word of sign bits. */
  private static final long TILE = 1024;

  private final long callElements;
  private final long streamingBytes;

  FfmEpilogues(LibraryInfo info) {
    this.callElements = FfmBackend.callElements(info.isa());
    this.streamingBytes = info.streamingBytes();
  }

  /** Returns the functions; a constant, so that the JVM compiles calls to them directly. */
  abstract LibraryFunctions functions();

  @Override
  public final void epilogue(
      Epilogue epilogue,
      HostMatrix product,
      Elements bias,
      HostMatrix residual,
      HostMatrix output,
      MemorySegment signs) {
    int flags = streaming(output);
    MemorySegment kept = epilogue.activation() == Activation.RELU ? signs : null;
    inParts(
        output.shape(),
        isShared(product)
            && isShared(bias)
            && isShared(residual)
            && isShared(output)
            && isShared(kept),
        part ->
            epilogue(
                epilogue,
                flags,
                part,
                product.type(),
                rows(product, part),
                bias(bias, part),
                rows(residual, part),
                rows(output, part),
                signs(kept, output.shape(), part)));
  }

  private void epilogue(
      Epilogue rule,
      int flags,
      Part part,
      ElementType type,
      NativeRows product,
      NativeRows bias,
      NativeRows residual,
      NativeRows output,
      NativeRows signs) {
    LibraryFunctions functions = functions();
    // One call in each case: the handle is then a constant of it.
    functions.check(
        switch (type) {
          case F32 ->
              functions
                  .epilogueF32()
                  .epilogue(rule, flags, part, product, bias, residual, output, signs);
          case F16 ->
              functions
                  .epilogueF16()
                  .epilogue(rule, flags, part, product, bias, residual, output, signs);
          case BF16 ->
              functions
                  .epilogueBf16()
                  .epilogue(rule, flags, part, product, bias, residual, output, signs);
          case F64 -> throw refused(type);
        });
  }

  @Override
  public final void epilogueGradient(
      Epilogue epilogue,
      HostMatrix gradOutput,
      HostMatrix product,
      Elements bias,
      MemorySegment signs,
      HostMatrix gradProduct,
      HostMatrix groupSums) {
    int flags = streaming(gradProduct);
    Activation activation = epilogue.activation();
    MemorySegment kept = activation == Activation.RELU ? signs : null;
    HostMatrix needed = activation.needsProduct() ? product : null;
    Elements added = activation.needsProduct() ? bias : null;
    inParts(
        gradProduct.shape(),
        isShared(gradOutput)
            && isShared(needed)
            && isShared(added)
            && isShared(kept)
            && isShared(gradProduct)
            && isShared(groupSums),
        part ->
            gradient(
                epilogue,
                flags,
                part,
                gradOutput.type(),
                rows(gradOutput, part),
                rows(needed, part),
                bias(added, part),
                signs(kept, gradProduct.shape(), part),
                rows(gradProduct, part),
                sums(groupSums, part)));
  }

  private void gradient(
      Epilogue rule,
      int flags,
      Part part,
      ElementType type,
      NativeRows gradOutput,
      NativeRows product,
      NativeRows bias,
      NativeRows signs,
      NativeRows gradProduct,
      NativeRows sums) {
    LibraryFunctions functions = functions();
    functions.check(
        switch (type) {
          case F32 ->
              functions
                  .epilogueF32()
                  .gradient(rule, flags, part, gradOutput, product, bias, signs, gradProduct, sums);
          case F16 ->
              functions
                  .epilogueF16()
                  .gradient(rule, flags, part, gradOutput, product, bias, signs, gradProduct, sums);
          case BF16 ->
              functions
                  .epilogueBf16()
                  .gradient(rule, flags, part, gradOutput, product, bias, signs, gradProduct, sums);
          case F64 -> throw refused(type);
        });
  }

  private static IllegalArgumentException refused(ElementType type) {
    return new IllegalArgumentException(
        "type must be f32, f16 or bf16 for a layer but is " + type.label());
  }

  /** The library sees parts only, so it must be told of the whole; it knows what is in place. */
  private int streaming(HostMatrix output) {
    long bytes = output.rowCount() * output.columnCount() * output.type().bytes();
    return bytes >= streamingBytes ? LibraryFunctions.STREAMING : 0;
  }

  private static boolean isShared(HostMatrix matrix) {
    return matrix == null || isShared(matrix.elements());
  }

  private static boolean isShared(Elements elements) {
    return elements == null || elements.isSharedBetweenThreads();
  }

  private static boolean isShared(MemorySegment segment) {
    return segment == null || new Bytes.OfHost(segment).isSharedBetweenThreads();
  }

  private static NativeRows rows(HostMatrix matrix, Part part) {
    return matrix == null ? NativeRows.NONE : rows(matrix, part.row(), part.rows(), part);
  }

  /** Returns a row for each group of the part's rows. */
  private static NativeRows sums(HostMatrix groupSums, Part part) {
    if (groupSums == null) {
      return NativeRows.NONE;
    }
    return rows(groupSums, part.row() / Epilogue.GROUP_ROWS, Epilogue.groups(part.rows()), part);
  }

  private static NativeRows rows(HostMatrix matrix, long row, long rows, Part part) {
    long stride = matrix.shape().rowStride();
    long from = row * stride + part.column();
    long span = (rows - 1) * stride + part.columns();
    return new NativeRows(slice(matrix.elements(), from, span), stride);
  }

  private static NativeRows bias(Elements bias, Part part) {
    return bias == null
        ? NativeRows.NONE
        : new NativeRows(slice(bias, part.column(), part.columns()), part.columns());
  }

  private static NativeRows signs(MemorySegment signs, MatrixShape shape, Part part) {
    if (signs == null) {
      return NativeRows.NONE;
    }
    long stride = (shape.columns() + 63) / 64 * Long.BYTES;
    long from = part.row() * stride + part.column() / Byte.SIZE;
    long span = (part.rows() - 1) * stride + part.signBytes();
    return new NativeRows(signs.asSlice(from, span), stride);
  }

  private static MemorySegment slice(Elements elements, long from, long count) {
    long bytes = elements.type().bytes();
    return elements.segment().asSlice(from * bytes, count * bytes);
  }

  /** Computes one part of a matrix. */
  @FunctionalInterface
  private interface Body {
    void run(Part part);
  }

  /** Runs a call in parts, and in parallel where that pays. */
  private void inParts(MatrixShape shape, boolean isSharedBetweenThreads, Body body) {
    if (shape.isEmpty()) {
      return;
    }
    long rows = shape.rows();
    long columns = shape.columns();
    if (!isSharedBetweenThreads || !ParallelSlices.pays(rows * columns)) {
      inParts(0, rows, columns, body);
      return;
    }
    long group = Epilogue.GROUP_ROWS * columns;
    ParallelSlices.run(
        rows * columns,
        (from, to) -> {
          // To a slice belong the groups that begin in it.
          long fromRow = (from + group - 1) / group * Epilogue.GROUP_ROWS;
          long toRow = Math.min(rows, (to + group - 1) / group * Epilogue.GROUP_ROWS);
          inParts(fromRow, toRow, columns, body);
        });
  }

  private void inParts(long fromRow, long toRow, long columns, Body body) {
    long most = Math.max(TILE, callElements / Epilogue.GROUP_ROWS / TILE * TILE);
    long partColumns = Math.min(columns, most);
    long groups = Math.max(1, callElements / partColumns / Epilogue.GROUP_ROWS);
    long partRows = groups * Epilogue.GROUP_ROWS;
    for (long row = fromRow; row < toRow; row += partRows) {
      for (long column = 0; column < columns; column += partColumns) {
        body.run(
            new Part(
                row,
                Math.min(partRows, toRow - row),
                column,
                Math.min(partColumns, columns - column)));
      }
    }
  }
}
