package io.github.jdropout.backend.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.jdropout.backend.nativeaccess.DowncallFailures;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Epilogue;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/**
 * The library's functions on layers of one element type, see {@link TypedFunctions}.
 *
 * @param type of the matrices
 * @param epilogue {@code jdropout_epilogue_TYPE}
 * @param gradient {@code jdropout_epilogue_gradient_TYPE}
 */
record EpilogueFunctions(ElementType type, MethodHandle epilogue, MethodHandle gradient) {
  /**
   * activation, threshold, factor, flags, seed, stream, first_index, index_stride, product,
   * product_stride, bias, residual, residual_stride, output, output_stride, signs, signs_stride,
   * rows, columns.
   */
  private static final FunctionDescriptor EPILOGUE =
      FunctionDescriptor.of(
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_FLOAT,
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          ADDRESS,
          JAVA_LONG,
          ADDRESS,
          ADDRESS,
          JAVA_LONG,
          ADDRESS,
          JAVA_LONG,
          ADDRESS,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG);

  /**
   * activation, threshold, factor, flags, seed, stream, first_index, index_stride, grad_output,
   * grad_output_stride, product, product_stride, bias, signs, signs_stride, grad_product,
   * grad_product_stride, group_sums, group_sums_stride, rows, columns.
   */
  private static final FunctionDescriptor GRADIENT =
      FunctionDescriptor.of(
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_FLOAT,
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          ADDRESS,
          JAVA_LONG,
          ADDRESS,
          JAVA_LONG,
          ADDRESS,
          ADDRESS,
          JAVA_LONG,
          ADDRESS,
          JAVA_LONG,
          ADDRESS,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG);

  static EpilogueFunctions link(ElementType type, Linkage linkage) throws LibraryException {
    String suffix = "_" + type.label();
    return new EpilogueFunctions(
        type,
        linkage.link("jdropout_epilogue" + suffix, EPILOGUE, true),
        linkage.link("jdropout_epilogue_gradient" + suffix, GRADIENT, true));
  }

  /**
   * A matrix, or rows of something else, in memory.
   *
   * @param memory begins with the first row
   * @param stride from a row to the next; of sign bits in bytes, else in elements
   */
  record NativeRows(MemorySegment memory, long stride) {
    static final NativeRows NONE = new NativeRows(MemorySegment.NULL, 0);

    /** Native code would touch what lies behind the memory. */
    void check(long rows, long width, int unitBytes) {
      long units = rows == 0 || width == 0 ? 0 : (rows - 1) * stride + width;
      Objects.checkFromIndexSize(0, units, memory.byteSize() / unitBytes);
    }

    void checkIfPresent(long rows, long width, int unitBytes) {
      if (!memory.equals(MemorySegment.NULL)) {
        check(rows, width, unitBytes);
      }
    }
  }

  /**
   * Which part of a matrix a call computes.
   *
   * @param row index of the first
   * @param rows how many
   * @param column index of the first
   * @param columns how many
   */
  record Part(long row, long rows, long column, long columns) {
    long signBytes() {
      return (columns + 63) / 64 * Long.BYTES;
    }

    private long firstIndex(Epilogue rule) {
      return rule.firstIndex() + row * rule.indexStride() + column;
    }
  }

  int epilogue(
      Epilogue rule,
      int flags,
      Part part,
      NativeRows product,
      NativeRows bias,
      NativeRows residual,
      NativeRows output,
      NativeRows signs) {
    long rows = part.rows();
    long columns = part.columns();
    int bytes = type.bytes();
    product.check(rows, columns, bytes);
    bias.checkIfPresent(1, columns, bytes);
    residual.checkIfPresent(rows, columns, bytes);
    output.check(rows, columns, bytes);
    signs.checkIfPresent(rows, part.signBytes(), 1);
    TypedFunctions.checkWritable(output.memory());
    TypedFunctions.checkWritable(signs.memory());
    try {
      return (int)
          epilogue.invokeExact(
              number(rule.activation()),
              rule.threshold(),
              rule.factor(),
              flags,
              rule.key().seed(),
              rule.key().stream(),
              part.firstIndex(rule),
              rule.indexStride(),
              product.memory(),
              product.stride(),
              bias.memory(),
              residual.memory(),
              residual.stride(),
              output.memory(),
              output.stride(),
              signs.memory(),
              signs.stride(),
              rows,
              columns);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  int gradient(
      Epilogue rule,
      int flags,
      Part part,
      NativeRows gradOutput,
      NativeRows product,
      NativeRows bias,
      NativeRows signs,
      NativeRows gradProduct,
      NativeRows groupSums) {
    long rows = part.rows();
    long columns = part.columns();
    int bytes = type.bytes();
    gradOutput.check(rows, columns, bytes);
    product.checkIfPresent(rows, columns, bytes);
    bias.checkIfPresent(1, columns, bytes);
    signs.checkIfPresent(rows, part.signBytes(), 1);
    gradProduct.check(rows, columns, bytes);
    groupSums.checkIfPresent(Epilogue.groups(rows), columns, Float.BYTES);
    TypedFunctions.checkWritable(gradProduct.memory());
    TypedFunctions.checkWritable(groupSums.memory());
    try {
      return (int)
          gradient.invokeExact(
              number(rule.activation()),
              rule.threshold(),
              rule.factor(),
              flags,
              rule.key().seed(),
              rule.key().stream(),
              part.firstIndex(rule),
              rule.indexStride(),
              gradOutput.memory(),
              gradOutput.stride(),
              product.memory(),
              product.stride(),
              bias.memory(),
              signs.memory(),
              signs.stride(),
              gradProduct.memory(),
              gradProduct.stride(),
              groupSums.memory(),
              groupSums.stride(),
              rows,
              columns);
    } catch (Throwable e) {
      throw DowncallFailures.rethrow(e);
    }
  }

  /** Returns the library's number of an activation. */
  static int number(Activation activation) {
    return switch (activation) {
      case IDENTITY -> 0;
      case RELU -> 1;
      case GELU -> 2;
      case GELU_TANH -> 3;
      case SILU -> 4;
    };
  }
}
