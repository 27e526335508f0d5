package io.github.jdropout.backend.cuda;

import io.github.jdropout.backend.cuda.driver.KernelArguments;
import io.github.jdropout.rng.KeepThreshold;
import io.github.jdropout.spec.Activation;
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
  /** Sizes of the structures in {@code cuda/arguments.cuh}. */
  private static final int LAYER_BYTES = 72;

  private static final int MATRIX_BYTES = 24;

  /** Of a tile: columns, and rows of either kernel; see {@code cuda/layer.cuh}. */
  private static final int TILE_COLUMNS = 128;

  private static final int TILE_ROWS = 64;

  /** Threads that lie side by side on a row, each with eight columns. */
  private static final int TILE_OCTETS = TILE_COLUMNS / 8;

  /** Columns of a tile of {@code dropout_column_sums}, and rows that one launch makes one of. */
  private static final int SUM_COLUMNS = 32;

  private static final int SUM_ROWS = Epilogue.GROUP_ROWS * Epilogue.GROUP_ROWS;

  /** Of {@code dropout_product}: a block's threads and rows, and a launch's weights. */
  private static final int PRODUCT_THREADS = 256;

  private static final int PRODUCT_ROWS = 32;

  private static final int PRODUCT_WEIGHTS = 32;

  /**
   * Each launch reads the input and draws its mask again: three read as much as is read and written
   * without them.
   */
  private static final int MAX_PRODUCT_WEIGHTS = 2 * PRODUCT_WEIGHTS;

  private static final int PRODUCT_CAPABILITY = 80;

  private static final int ACCESS_BYTES = 16;

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
    KernelArguments arguments = Kernels.arguments();
    writeLayer(arguments, epilogue, shape, areAligned(bias, product, residual, output));
    int at = writeMatrix(arguments, LAYER_BYTES, product);
    at = writeMatrix(arguments, at, residual);
    at = writeMatrix(arguments, at, output);
    at = writeSigns(arguments, at, signs, shape);
    at = writeAddress(arguments, at, bias);
    writeDraw(arguments, at, epilogue, key);
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
    KernelArguments arguments = Kernels.arguments();
    // The bias is read beside the product alone.
    DeviceElements added = product == null ? null : bias;
    writeLayer(arguments, epilogue, shape, areAligned(added, gradOutput, product, gradProduct));
    int at = writeMatrix(arguments, LAYER_BYTES, gradOutput);
    at = writeMatrix(arguments, at, product);
    at = writeMatrix(arguments, at, gradProduct);
    at = writeMatrix(arguments, at, groupSums);
    at = writeSigns(arguments, at, signs, shape);
    at = writeAddress(arguments, at, added);
    writeDraw(arguments, at, epilogue, key);
    launch(Operator.EPILOGUE_GRADIENT, gradOutput, Epilogue.GROUP_ROWS, key, arguments, stream);
  }

  /**
   * Returns whether {@link #product} takes these matrices here: tensor cores of compute capability
   * 8.0 multiply 16-bit numbers, and the kernel reads eight of them at a time.
   */
  boolean takesProduct(DeviceMatrix input, DeviceMatrix weights) {
    return hasProduct(input.type())
        && weights.type() == input.type()
        && weights.columnCount() == input.columnCount()
        && input.columnCount() > 0
        && input.columnCount() % 8 == 0
        && weights.rowCount() <= MAX_PRODUCT_WEIGHTS
        && areAligned(null, input, weights);
  }

  /** Returns whether there is a kernel of {@link #product} for this type here. */
  boolean hasProduct(ElementType type) {
    return context.device().capability() >= PRODUCT_CAPABILITY && type.bytes() == Short.BYTES;
  }

  /** Queues {@code output = dropout(input) * weights^T}, for which {@link #takesProduct}. */
  void product(
      Epilogue dropout,
      Kernels.Key key,
      DeviceMatrix input,
      DeviceMatrix weights,
      DeviceMatrix output,
      long stream) {
    MatrixShape shape = input.shape();
    long blocks = parts(shape.rows(), PRODUCT_ROWS);
    for (long from = 0; blocks > 0 && from < weights.rowCount(); from += PRODUCT_WEIGHTS) {
      long count = Math.min(weights.rowCount() - from, PRODUCT_WEIGHTS);
      KernelArguments arguments = Kernels.arguments();
      writeLayer(arguments, dropout, shape, true);
      int at = writeMatrix(arguments, LAYER_BYTES, input);
      at = writeMatrix(arguments, at, weights.rows(from, count));
      at =
          writeRows(
              arguments, at, output.address() + from * output.type().bytes(), rowBytes(output));
      arguments.structure().set(ValueLayout.JAVA_INT, at, (int) count);
      writeDraw(arguments, at + Long.BYTES, dropout, key);
      context.launch(
          context.function(Operator.PRODUCT, input.type(), false),
          Operator.PRODUCT.kernel(input.type(), false),
          config.blocks(blocks),
          PRODUCT_THREADS,
          stream,
          arguments,
          shape.rows() * shape.columns());
    }
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

  /** Returns how many parts of a size there are, the last of which may be smaller. */
  private static long parts(long count, long size) {
    return count / size + (count % size == 0 ? 0 : 1);
  }

  /** Returns whether 16-byte accesses will do everywhere; null stands for what is missing. */
  private static boolean areAligned(DeviceElements bias, DeviceMatrix... matrices) {
    long bits = bias == null ? 0 : bias.address();
    for (DeviceMatrix matrix : matrices) {
      if (matrix != null) {
        bits |= matrix.address() | (matrix.rowCount() > 1 ? rowBytes(matrix) : 0);
      }
    }
    return (bits & (ACCESS_BYTES - 1)) == 0;
  }

  private static long rowBytes(DeviceMatrix matrix) {
    return matrix.shape().rowStride() * matrix.type().bytes();
  }

  /** Returns how many rows are between those that a thread visits. */
  private int step() {
    return config.threads() / TILE_OCTETS;
  }

  /** Writes a {@code Layer}. */
  private void writeLayer(
      KernelArguments arguments, Epilogue epilogue, MatrixShape shape, boolean isAligned) {
    MemorySegment structure = arguments.structure();
    structure.set(ValueLayout.JAVA_LONG, 0, shape.rows());
    structure.set(ValueLayout.JAVA_LONG, 8, shape.columns());
    Kernels.writeDivisor(structure, 16, parts(shape.columns(), TILE_COLUMNS));
    structure.set(ValueLayout.JAVA_LONG, 32, epilogue.indexStride());
    structure.set(ValueLayout.JAVA_LONG, 40, step() * epilogue.indexStride());
    structure.set(ValueLayout.JAVA_INT, 48, step());
    structure.set(ValueLayout.JAVA_INT, 52, (int) (epilogue.firstIndex() & 7));
    structure.set(ValueLayout.JAVA_INT, 56, number(epilogue.activation()));
    structure.set(ValueLayout.JAVA_FLOAT, 60, epilogue.factor());
    structure.set(ValueLayout.JAVA_INT, 64, epilogue.isRandom() ? 1 : 0);
    structure.set(ValueLayout.JAVA_INT, 68, isAligned ? 1 : 0);
  }

  /** Returns the kernels' number of an activation. */
  private static int number(Activation activation) {
    return switch (activation) {
      case IDENTITY -> 0;
      case RELU -> 1;
      case GELU -> 2;
      case GELU_TANH -> 3;
      case SILU -> 4;
    };
  }

  /** Writes a {@code Matrix}, of zeros for null; returns where it ends. */
  private int writeMatrix(KernelArguments arguments, int offset, DeviceMatrix matrix) {
    return matrix == null
        ? writeRows(arguments, offset, 0, 0)
        : writeRows(arguments, offset, matrix.address(), rowBytes(matrix));
  }

  private int writeSigns(
      KernelArguments arguments, int offset, Bytes.OfDevice signs, MatrixShape shape) {
    return signs == null
        ? writeRows(arguments, offset, 0, 0)
        : writeRows(arguments, offset, signs.address(), Epilogue.signBytes(shape) / shape.rows());
  }

  private int writeRows(KernelArguments arguments, int offset, long address, long rowBytes) {
    MemorySegment structure = arguments.structure();
    structure.set(ValueLayout.JAVA_LONG, offset, address);
    structure.set(ValueLayout.JAVA_LONG, offset + 8, rowBytes);
    structure.set(ValueLayout.JAVA_LONG, offset + 16, step() * rowBytes);
    return offset + MATRIX_BYTES;
  }

  private static int writeAddress(KernelArguments arguments, int offset, DeviceElements elements) {
    long address = elements == null ? 0 : elements.address();
    arguments.structure().set(ValueLayout.JAVA_LONG, offset, address);
    return offset + Long.BYTES;
  }

  private static void writeDraw(
      KernelArguments arguments, int offset, Epilogue epilogue, Kernels.Key key) {
    // Where nothing is drawn, all lanes are 0: so a threshold of 1 keeps everything.
    int threshold = epilogue.threshold() == KeepThreshold.KEEP_ALL ? 1 : epilogue.threshold();
    Kernels.writeDraw(arguments, offset, threshold, key, epilogue.firstIndex() >>> 3);
  }
}
