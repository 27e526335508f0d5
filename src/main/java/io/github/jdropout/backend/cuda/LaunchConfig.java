package io.github.jdropout.backend.cuda;

/**
 * The shape of a launch: it changes the speed, never the result.
 *
 * @param threads of a block, a multiple of 32 in [32, 256]
 * @param maxBlocks most blocks of the grid, at least 1. Where the tensor needs more, each walks
 *     over several parts of it
 */
public record LaunchConfig(int threads, int maxBlocks) {
  /** System property: {@code THREADS} or {@code THREADSxBLOCKS}, for measurements and tests. */
  public static final String PROPERTY = "jdropout.cuda.launch";

  /** As many blocks as the tensor needs. */
  static final LaunchConfig EXACT = new LaunchConfig(256, Integer.MAX_VALUE);

  /**
   * Checks the arguments.
   *
   * @throws IllegalArgumentException if one is outside its range
   */
  public LaunchConfig {
    if (threads < 32 || threads > 256 || threads % 32 != 0) {
      throw new IllegalArgumentException(
          "threads must be a multiple of 32 in [32, 256] but is " + threads);
    }
    if (maxBlocks < 1) {
      throw new IllegalArgumentException("maxBlocks must be at least 1 but is " + maxBlocks);
    }
  }

  /**
   * Returns the shape that the property names, else one block for each part of the tensor.
   *
   * @throws IllegalArgumentException if the property's value is none
   */
  static LaunchConfig ofProperty() {
    String value = System.getProperty(PROPERTY);
    if (value == null) {
      return EXACT;
    }
    try {
      int cross = value.indexOf('x');
      return cross < 0
          ? new LaunchConfig(Integer.parseInt(value), EXACT.maxBlocks)
          : new LaunchConfig(
              Integer.parseInt(value.substring(0, cross)),
              Integer.parseInt(value.substring(cross + 1)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "-D"
              + PROPERTY
              + " must be THREADS or THREADSxBLOCKS, with a multiple of 32 threads in [32, 256] and"
              + " at least 1 block, but is "
              + value,
          e);
    }
  }

  /**
   * Returns the number of blocks for a tensor.
   *
   * @param elementCount at least 1
   * @param elementsPerThread that a thread computes before it walks on
   */
  int blocks(long elementCount, int elementsPerThread) {
    long perBlock = (long) threads * elementsPerThread;
    long needed = elementCount / perBlock + (elementCount % perBlock == 0 ? 0 : 1);
    return (int) Math.min(needed, maxBlocks);
  }

  /**
   * Returns the number of blocks for work that consists of parts.
   *
   * @param parts at least 1, each a block's before it walks on
   */
  int blocks(long parts) {
    return (int) Math.min(parts, maxBlocks);
  }
}
