package io.github.jdropout.backend.cuda;

import static io.github.jdropout.backend.cuda.LayerArguments.parts;

import io.github.jdropout.backend.cuda.driver.KernelArguments;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.MatrixShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Launches the kernels of layers, as {@link Kernels} does the others: everything is queued on the
 * caller's stream, nothing waits, the context is current and the arguments are checked.
 */
final class EpilogueKernels {
  /** Of a tile: columns, and rows of either kernel; see {@code cuda/layer.cuh}. */
  private static final int TILE_COLUMNS = 128;

  private static final int TILE_ROWS = 64;

  /** Threads that lie side by side on a row, each with eight columns. */
  private static final int TILE_OCTETS = TILE_COLUMNS / 8;

  /** Columns of a tile of {@code dropout_column_sums}, and rows that one launch makes one of. */
  private static final int SUM_COLUMNS = 32;

  private static final int SUM_ROWS = Epilogue.GROUP_ROWS * Epilogue.GROUP_ROWS;

  private final CudaContext context;
  private final LaunchConfig config;

  EpilogueKernels(CudaContext context, LaunchConfig config) {
    this.context = context;
    this.config = config;
  }

  /** Queues an epilogue; bias, residual and signs may be null. */
  void epilogue(
      Epilogue epilogue,
      Kernels.Key key,
      DeviceMatrix product,
      DeviceElements bias,
      DeviceMatrix residual,
      DeviceMatrix output,
      Bytes.OfDevice signs,
      long stream) {
    MatrixShape shape = product.shape();
    if (shape.isEmpty()) {
      return;
    }
    KernelArguments arguments =
        layer(epilogue, shape, areAligned(bias, product, residual, output))
            .matrix(product)
            .matrix(residual)
            .matrix(output)
            .signs(signs, shape)
            .address(bias)
            .draw(epilogue, key);
    launch(Operator.EPILOGUE, product, TILE_ROWS, key, arguments, stream);
  }

  /** Queues a gradient; product, bias, signs and group sums may be null. */
  void epilogueGradient(
      Epilogue epilogue,
      Kernels.Key key,
      DeviceMatrix gradOutput,
      DeviceMatrix product,
      DeviceElements bias,
      Bytes.OfDevice signs,
      DeviceMatrix gradProduct,
      DeviceMatrix groupSums,
      long stream) {
    MatrixShape shape = gradOutput.shape();
    if (shape.isEmpty()) {
      return;
    }
    // The bias is read beside the product alone.
    DeviceElements added = product == null ? null : bias;
    KernelArguments arguments =
        layer(epilogue, shape, areAligned(added, gradOutput, product, gradProduct))
            .matrix(gradOutput)
            .matrix(product)
            .matrix(gradProduct)
            .matrix(groupSums)
            .signs(signs, shape)
            .address(added)
            .draw(epilogue, key);
    launch(Operator.EPILOGUE_GRADIENT, gradOutput, Epilogue.GROUP_ROWS, key, arguments, stream);
  }

  /** Returns the size of the memory that {@link #columnSums} works in. */
  static long workspaceBytes(long groups, long columns) {
    long bytes = 0;
    for (long rows = parts(groups, SUM_ROWS); rows > 1; rows = parts(rows, SUM_ROWS)) {
      bytes = Math.addExact(bytes, Math.multiplyExact(rows, Math.multiplyExact(columns, 4L)));
    }
    return bytes;
  }

  /**
   * Queues the sums of rows.
   *
   * @param workspace address of {@link #workspaceBytes}
   */
  void columnSums(
      DeviceMatrix groupSums,
      DeviceElements gradBias,
      boolean accumulates,
      long workspace,
      long stream) {
    long columns = groupSums.columnCount();
    long rows = groupSums.rowCount();
    if (columns == 0) {
      return;
    }
    if (rows == 0) {
      zero(gradBias, accumulates, stream);
      return;
    }
    long input = groupSums.address();
    long rowBytes = groupSums.shape().rowStride() * Float.BYTES;
    long output = workspace;
    while (rows > SUM_ROWS) {
      DeviceElements sums =
          new DeviceElements(ElementType.F32, output, parts(rows, SUM_ROWS) * columns);
      columnSums(input, rowBytes, rows, columns, sums, false, stream);
      input = output;
      rowBytes = columns * Float.BYTES;
      rows = parts(rows, SUM_ROWS);
      output += sums.byteSize();
    }
    columnSums(input, rowBytes, rows, columns, gradBias, accumulates, stream);
  }

  /** The sum of no rows. */
  private void zero(DeviceElements gradBias, boolean accumulates, long stream) {
    if (!accumulates) {
      context.check(
          context.driver().fill(gradBias.address(), (byte) 0, gradBias.byteSize(), stream),
          "cuMemsetD8Async");
    }
  }

  private void columnSums(
      long input,
      long rowBytes,
      long rows,
      long columns,
      DeviceElements output,
      boolean accumulates,
      long stream) {
    KernelArguments arguments = Kernels.arguments();
    MemorySegment structure = arguments.structure();
    long columnTiles = parts(columns, SUM_COLUMNS);
    structure.set(ValueLayout.JAVA_LONG, 0, input);
    structure.set(ValueLayout.JAVA_LONG, 8, rowBytes);
    structure.set(ValueLayout.JAVA_LONG, 16, rows);
    structure.set(ValueLayout.JAVA_LONG, 24, columns);
    Kernels.writeDivisor(structure, 32, columnTiles);
    structure.set(ValueLayout.JAVA_LONG, 48, output.address());
    structure.set(ValueLayout.JAVA_INT, 56, accumulates ? 1 : 0);
    context.launch(
        context.function(Operator.COLUMN_SUMS, output.type(), false),
        Operator.COLUMN_SUMS.kernel(output.type(), false),
        config.blocks(columnTiles * parts(rows, SUM_ROWS)),
        config.threads(),
        stream,
        arguments,
        rows * columns);
  }

  private void launch(
      Operator operator,
      DeviceMatrix matrix,
      int tileRows,
      Kernels.Key key,
      KernelArguments arguments,
      long stream) {
    MatrixShape shape = matrix.shape();
    context.launch(
        context.function(operator, matrix.type(), key.isOnDevice()),
        operator.kernel(matrix.type(), key.isOnDevice()),
        config.blocks(parts(shape.columns(), TILE_COLUMNS) * parts(shape.rows(), tileRows)),
        config.threads(),
        stream,
        arguments,
        shape.rows() * shape.columns());
  }

  private LayerArguments layer(Epilogue epilogue, MatrixShape shape, boolean isAligned) {
    int step = config.threads() / TILE_OCTETS;
    return new LayerArguments(step).layer(epilogue, shape, TILE_COLUMNS, isAligned);
  }

  /** Returns whether 16-byte accesses will do everywhere; null stands for what is missing. */
  private static boolean areAligned(DeviceElements bias, DeviceMatrix... matrices) {
    boolean areAligned = bias == null || (bias.address() & (Kernels.ACCESS_BYTES - 1)) == 0;
    for (DeviceMatrix matrix : matrices) {
      areAligned &= matrix == null || LayerArguments.isAligned(matrix, Kernels.ACCESS_BYTES);
    }
    return areAligned;
  }
}
