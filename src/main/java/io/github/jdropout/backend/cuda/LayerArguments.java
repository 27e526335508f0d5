package io.github.jdropout.backend.cuda;

import io.github.jdropout.backend.cuda.driver.KernelArguments;
import io.github.jdropout.rng.KeepThreshold;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMatrix;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.MatrixShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Writes what the kernels of layers take, one field after another: the structures of {@code
 * cuda/arguments.cuh}.
 */
final class LayerArguments {
  private final KernelArguments arguments = Kernels.arguments();
  private final MemorySegment structure = arguments.structure();
  private final int step;
  private int offset;

  /**
   * Begins a structure in the calling thread's memory for it.
   *
   * @param step how many rows are between those that a thread visits
   */
  LayerArguments(int step) {
    this.step = step;
  }

  /**
   * Writes a {@code Layer}.
   *
   * @param tileColumns of a tile
   */
  LayerArguments layer(Epilogue epilogue, MatrixShape shape, int tileColumns, boolean isAligned) {
    number(shape.rows());
    number(shape.columns());
    Kernels.writeDivisor(structure, offset, parts(shape.columns(), tileColumns));
    offset += 2 * Long.BYTES;
    number(epilogue.indexStride());
    number(step * epilogue.indexStride());
    number(step);
    number((int) (epilogue.firstIndex() & 7));
    number(numberOf(epilogue.activation()));
    structure.set(ValueLayout.JAVA_FLOAT, offset, epilogue.factor());
    offset += Float.BYTES;
    number(epilogue.isRandom() ? 1 : 0);
    return number(isAligned ? 1 : 0);
  }

  /** Returns the kernels' number of an activation. */
  private static int numberOf(Activation activation) {
    return switch (activation) {
      case IDENTITY -> 0;
      case RELU -> 1;
      case GELU -> 2;
      case GELU_TANH -> 3;
      case SILU -> 4;
    };
  }

  /** Writes a {@code Matrix}, of zeros for null. */
  LayerArguments matrix(DeviceMatrix matrix) {
    return matrix == null ? rows(0, 0) : rows(matrix.address(), rowBytes(matrix));
  }

  /** Writes a {@code Matrix}. */
  LayerArguments rows(long address, long rowBytes) {
    return rows(address, rowBytes, step * rowBytes);
  }

  /** Writes a {@code Matrix} whose {@code step_bytes} are of another step. */
  LayerArguments rows(long address, long rowBytes, long stepBytes) {
    return number(address).number(rowBytes).number(stepBytes);
  }

  /** Writes a {@code Matrix} of sign bits, of zeros for null. */
  LayerArguments signs(Bytes.OfDevice signs, MatrixShape shape) {
    return signs == null
        ? rows(0, 0)
        : rows(signs.address(), Epilogue.signBytes(shape) / shape.rows());
  }

  /** Writes an address, 0 for null. */
  LayerArguments address(DeviceElements elements) {
    return number(elements == null ? 0 : elements.address());
  }

  LayerArguments number(int value) {
    structure.set(ValueLayout.JAVA_INT, offset, value);
    offset += Integer.BYTES;
    return this;
  }

  LayerArguments number(long value) {
    structure.set(ValueLayout.JAVA_LONG, offset, value);
    offset += Long.BYTES;
    return this;
  }

  /** Writes a {@code Draw} or a {@code DeviceKeyDraw}, which is the last; returns them all. */
  KernelArguments draw(Epilogue epilogue, Kernels.Key key) {
    // Where nothing is drawn, all lanes are 0: so a threshold of 1 keeps everything.
    int threshold = epilogue.threshold() == KeepThreshold.KEEP_ALL ? 1 : epilogue.threshold();
    Kernels.writeDraw(arguments, offset, threshold, key, epilogue.firstIndex() >>> 3);
    return arguments;
  }

  /** Returns how many parts of a size there are, the last of which may be smaller. */
  static long parts(long count, long size) {
    return count / size + (count % size == 0 ? 0 : 1);
  }

  static long rowBytes(DeviceMatrix matrix) {
    return matrix.shape().rowStride() * matrix.type().bytes();
  }

  /** Returns whether all rows of a matrix are at multiples of so many bytes, a power of two. */
  static boolean isAligned(DeviceMatrix matrix, int bytes) {
    long bits = matrix.address() | (matrix.rowCount() > 1 ? rowBytes(matrix) : 0);
    return (bits & (bytes - 1)) == 0;
  }
}
