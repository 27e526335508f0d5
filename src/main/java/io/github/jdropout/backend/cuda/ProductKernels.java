package io.github.jdropout.backend.cuda;

import static io.github.jdropout.backend.cuda.LayerArguments.parts;

import io.github.jdropout.backend.cuda.driver.KernelArguments;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.MatrixShape;

/**
 * Launches the kernels of dropped products, as {@link Kernels} does the others. The wide matrix, [T
 * x I], is dropped; the narrow one is [T x R], and the weights [R x I].
 */
final class ProductKernels {
  private static final int CAPABILITY = 80;

  private static final int THREADS = 256;

  /** A block's rows, and the rows of weights of a launch. */
  private static final int PRODUCT_ROWS = 32;

  private static final int LAUNCH_WEIGHTS = 32;

  /**
   * Each launch reads the wide matrix and draws its mask again: three read as much as is read and
   * written without them. The gradient of the input keeps the weights of two in registers.
   */
  private static final int MAX_WEIGHTS = 2 * LAUNCH_WEIGHTS;

  /** Of a block of the input's gradient. */
  private static final int GRAD_INPUT_COLUMNS = 256;

  private static final int GRAD_INPUT_ROWS = 128;

  /**
   * Of a block of the weights' gradient; its rows are a multiple of these, one turn of its warps.
   */
  private static final int GRAD_WEIGHTS_COLUMNS = 64;

  private static final int GRAD_WEIGHTS_ROWS = 128;

  /**
   * So many blocks keep a GPU busy to the end: two at a time on each of some 130 multiprocessors.
   */
  private static final int GRAD_WEIGHTS_BLOCKS = 512;

  /**
   * Of a sum, unless there are fewer rows at all: adding up a block's warps costs as much as 20 to
   * 40.
   */
  private static final int MIN_SUM_ROWS = 512;

  private final CudaContext context;
  private final LaunchConfig config;

  ProductKernels(CudaContext context, LaunchConfig config) {
    this.context = context;
    this.config = config;
  }

  /** Returns whether there are kernels for this type here. */
  boolean haveType(ElementType type) {
    return context.device().capability() >= CAPABILITY && type.bytes() == Short.BYTES;
  }

  /** Returns whether a matrix can be dropped here: eight elements are read at a time. */
  boolean takesWide(DeviceMatrix wide) {
    return haveType(wide.type())
        && wide.columnCount() > 0
        && wide.columnCount() % 8 == 0
        && LayerArguments.isAligned(wide, Kernels.ACCESS_BYTES);
  }

  /** Returns whether these can be a dropped matrix's weights. */
  boolean takesWeights(DeviceMatrix wide, DeviceMatrix weights) {
    return weights.type() == wide.type()
        && weights.columnCount() == wide.columnCount()
        && weights.rowCount() <= MAX_WEIGHTS
        && LayerArguments.isAligned(weights, Kernels.ACCESS_BYTES);
  }

  /** Returns whether a matrix can be a factor beside a dropped one: it is read in pairs. */
  boolean takesNarrow(DeviceMatrix wide, DeviceMatrix narrow) {
    return narrow.type() == wide.type()
        && narrow.rowCount() == wide.rowCount()
        && narrow.columnCount() <= MAX_WEIGHTS
        && narrow.columnCount() % 2 == 0
        && LayerArguments.isAligned(narrow, 2 * Short.BYTES);
  }

  /** Queues {@code output = dropout(input) * weights^T}. */
  void product(
      Epilogue dropout,
      Kernels.Key key,
      DeviceMatrix input,
      DeviceMatrix weights,
      DeviceMatrix output,
      long stream) {
    long blocks = parts(input.rowCount(), PRODUCT_ROWS);
    for (long from = 0; from < weights.rowCount(); from += LAUNCH_WEIGHTS) {
      long count = Math.min(weights.rowCount() - from, LAUNCH_WEIGHTS);
      LayerArguments arguments = wide(dropout, input, 1).matrix(weights.rows(from, count));
      narrow(arguments, output, from);
      launch(Operator.PRODUCT, input, blocks, end(arguments, count, 0, 0, dropout, key), stream);
    }
  }

  /** Queues {@code gradInput += dropout(gradOutput * weights)}. */
  void gradInput(
      Epilogue dropout,
      Kernels.Key key,
      DeviceMatrix gradOutput,
      DeviceMatrix weights,
      DeviceMatrix gradInput,
      long stream) {
    MatrixShape shape = gradInput.shape();
    long blocks = parts(shape.rows(), GRAD_INPUT_ROWS) * parts(shape.columns(), GRAD_INPUT_COLUMNS);
    LayerArguments arguments = wide(dropout, gradInput, GRAD_INPUT_COLUMNS).matrix(weights);
    narrow(arguments, gradOutput, 0);
    KernelArguments all = end(arguments, weights.rowCount(), 0, 0, dropout, key);
    launch(Operator.PRODUCT_GRAD_INPUT, gradInput, blocks, all, stream);
  }

  /**
   * Returns the sums that {@link #gradWeights} makes of the weights' gradient, each [R x I] of f32
   * and of another part of the rows.
   *
   * @param most how many there is room for, at least 1
   */
  static long sums(MatrixShape wide, long most) {
    if (wide.rows() == 0) {
      return 0;
    }
    long wanted = parts(GRAD_WEIGHTS_BLOCKS, parts(wide.columns(), GRAD_WEIGHTS_COLUMNS));
    long count = Math.min(Math.min(wanted, most), Math.max(1, wide.rows() / MIN_SUM_ROWS));
    return parts(wide.rows(), sumRows(wide.rows(), count));
  }

  /** Returns the rows of each sum. */
  private static long sumRows(long rows, long sums) {
    return parts(parts(rows, sums), GRAD_WEIGHTS_ROWS) * GRAD_WEIGHTS_ROWS;
  }

  /**
   * Queues sums of {@code gradOutput^T * dropout(input)}.
   *
   * @param sums address of so many sums, at a multiple of 16
   * @param count at least 1, of {@link #sums}
   */
  void gradWeights(
      Epilogue dropout,
      Kernels.Key key,
      DeviceMatrix gradOutput,
      DeviceMatrix input,
      long sums,
      long count,
      long stream) {
    MatrixShape shape = input.shape();
    long rowBytes = shape.columns() * Float.BYTES;
    long blocks = parts(shape.columns(), GRAD_WEIGHTS_COLUMNS) * count;
    for (long from = 0; from < gradOutput.columnCount(); from += LAUNCH_WEIGHTS) {
      LayerArguments arguments =
          wide(dropout, input, GRAD_WEIGHTS_COLUMNS)
              .rows(sums + from * rowBytes, rowBytes, gradOutput.columnCount() * rowBytes);
      narrow(arguments, gradOutput, from);
      long weights = Math.min(gradOutput.columnCount() - from, LAUNCH_WEIGHTS);
      KernelArguments all =
          end(arguments, weights, count, sumRows(shape.rows(), count), dropout, key);
      launch(Operator.PRODUCT_GRAD_WEIGHTS, input, blocks, all, stream);
    }
  }

  /** Begins with the wide matrix. */
  private static LayerArguments wide(Epilogue dropout, DeviceMatrix wide, int tileColumns) {
    return new LayerArguments(0).layer(dropout, wide.shape(), tileColumns, true).matrix(wide);
  }

  /** Goes on with the narrow matrix, from a column on. */
  private static void narrow(LayerArguments arguments, DeviceMatrix narrow, long from) {
    long address = narrow.address() + from * narrow.type().bytes();
    arguments.rows(address, LayerArguments.rowBytes(narrow));
  }

  private static KernelArguments end(
      LayerArguments arguments,
      long weights,
      long parts,
      long partRows,
      Epilogue dropout,
      Kernels.Key key) {
    return arguments.number((int) weights).number((int) parts).number(partRows).draw(dropout, key);
  }

  private void launch(
      Operator operator, DeviceMatrix wide, long blocks, KernelArguments arguments, long stream) {
    if (blocks == 0) {
      return;
    }
    context.launch(
        context.function(operator, wide.type(), false),
        operator.kernel(wide.type(), false),
        config.blocks(blocks),
        THREADS,
        stream,
        arguments,
        wide.rowCount() * wide.columnCount());
  }
}
