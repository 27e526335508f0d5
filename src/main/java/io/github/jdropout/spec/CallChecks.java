package io.github.jdropout.spec;

/** Checks of calls, with one wording for memory of the host and of a device. */
public final class CallChecks {
  private CallChecks() {}

  /**
   * Checks that two views have the same type.
   *
   * @throws IllegalArgumentException if they differ
   */
  public static void checkTypes(
      String inputName, ElementType input, String outputName, ElementType output) {
    if (output != input) {
      throw new IllegalArgumentException(
          outputName + " is " + output.label() + " but " + inputName + " is " + input.label());
    }
  }

  /**
   * Checks that two views have the same number of elements.
   *
   * @throws IllegalArgumentException if they differ
   */
  public static void checkCounts(
      String inputName, long inputCount, String outputName, long outputCount) {
    if (outputCount != inputCount) {
      throw new IllegalArgumentException(
          outputName + " has " + outputCount + " elements but " + inputName + " has " + inputCount);
    }
  }

  /**
   * Returns what to throw for two views that share some memory but not all of it.
   *
   * @return the exception, for the caller to throw
   */
  public static IllegalArgumentException overlap(String inputName, String outputName) {
    return new IllegalArgumentException(
        outputName + " overlaps " + inputName + " but is not the same place");
  }

  /**
   * Checks that the global indices of elements stay below 2^63.
   *
   * @throws IllegalArgumentException if {@code firstIndex} is negative or too large
   */
  public static void checkFirstIndex(long firstIndex, long count) {
    // The last index, firstIndex + count - 1, may be 2^63 - 1.
    if (firstIndex < 0 || firstIndex > Long.MAX_VALUE - Math.max(count - 1, 0)) {
      throw new IllegalArgumentException(
          "firstIndex must be in [0, 2^63 - " + Math.max(count, 1) + "] but is " + firstIndex);
    }
  }

  /**
   * Checks that elements are a range of a tensor.
   *
   * @param name of the elements
   * @param firstIndex of the first of them
   * @param count how many there are
   * @throws IllegalArgumentException if they are too many, or leave the tensor
   */
  public static void checkRange(String name, MaskShape shape, long firstIndex, long count) {
    if (count > shape.elementCount()) {
      throw new IllegalArgumentException(
          name + " has " + count + " elements but " + describe(shape));
    }
    long last = shape.elementCount() - count;
    if (firstIndex < 0 || firstIndex > last) {
      throw new IllegalArgumentException(
          "firstIndex must be in [0, " + last + "] but is " + firstIndex);
    }
  }

  /**
   * Checks that elements are a whole tensor.
   *
   * @throws IllegalArgumentException if their number is not the tensor's
   */
  public static void checkWhole(String name, MaskShape shape, long count) {
    if (count != shape.elementCount()) {
      throw new IllegalArgumentException(
          name + " has " + count + " elements but " + describe(shape));
    }
  }

  private static String describe(MaskShape shape) {
    return "shape has " + shape.elementCount() + ": " + shape;
  }
}
