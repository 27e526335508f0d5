package io.github.jdropout.integration.dl4j;

import io.github.jdropout.Dropout;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner.ExecutionerType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Dropout on ND4J arrays of any layout, in main memory.
 *
 * <p>The mask belongs to the logical index, in C order, whatever the strides; an activation in F
 * order and its gradient in C order agree. Dense arrays in C order are processed where they lie,
 * others through one copy.
 */
final class ArrayDropout {
  private ArrayDropout() {}

  /**
   * Checks that the array can be processed.
   *
   * @param name the argument's name, for the message
   * @throws IllegalArgumentException if it has another type than FLOAT, DOUBLE, HALF or BFLOAT16
   * @throws IllegalStateException if ND4J does not compute on the CPU
   */
  static void checkSupported(String name, INDArray array) {
    elementType(name, array);
    ExecutionerType executioner = Nd4j.getExecutioner().type();
    if (executioner != ExecutionerType.NATIVE_CPU) {
      throw new IllegalStateException("ND4J must compute on the CPU but runs on " + executioner);
    }
  }

  /** Drops elements of {@code input}; the arrays have one shape and may be the same. */
  static void apply(Dropout dropout, MaskKey key, INDArray input, INDArray output) {
    if (output.isEmpty()) {
      return;
    }
    if (isDense(output)) {
      if (isDense(input) && input.dataType() == output.dataType()) {
        applyDense(dropout, key, input, output);
      } else {
        output.assign(input);
        applyDense(dropout, key, output, output);
      }
      return;
    }
    // In the current workspace, if there is one: it ends with the layer's own temporary arrays.
    INDArray copy = Nd4j.createUninitialized(output.dataType(), output.shape(), 'c');
    try {
      copy.assign(input);
      applyDense(dropout, key, copy, copy);
      output.assign(copy);
    } finally {
      if (copy.closeable()) {
        copy.close();
      }
    }
  }

  private static void applyDense(Dropout dropout, MaskKey key, INDArray input, INDArray output) {
    try {
      dropout.forward(elements(input), elements(output), key);
    } finally {
      // Nothing else keeps the native memory from being freed while it is in use.
      Reference.reachabilityFence(input);
      Reference.reachabilityFence(output);
    }
  }

  /** Returns whether the elements lie one after the other in C order. */
  static boolean isDense(INDArray array) {
    long expected = 1;
    for (int axis = array.rank() - 1; axis >= 0; axis--) {
      if (array.size(axis) != 1) {
        if (array.stride(axis) != expected) {
          return false;
        }
        expected *= array.size(axis);
      }
    }
    return true;
  }

  /** Returns the elements of a dense array; the caller keeps it reachable. */
  @SuppressWarnings("restricted") // ND4J owns the memory; the segment stays within the array.
  static Elements elements(INDArray array) {
    ElementType type = elementType("array", array);
    // The buffer's address is that of its first element, also where the array is a view.
    long address = array.data().address() + array.offset() * type.bytes();
    long bytes = array.length() * type.bytes();
    return Elements.of(type, MemorySegment.ofAddress(address).reinterpret(bytes));
  }

  private static ElementType elementType(String name, INDArray array) {
    return switch (array.dataType()) {
      case FLOAT -> ElementType.F32;
      case DOUBLE -> ElementType.F64;
      case HALF -> ElementType.F16;
      case BFLOAT16 -> ElementType.BF16;
      default ->
          throw new IllegalArgumentException(
              name + " must be FLOAT, DOUBLE, HALF or BFLOAT16 but is " + array.dataType());
    };
  }
}
