package io.github.jdropout.parity;

import io.github.jdropout.spec.ElementType;
import java.util.List;

/**
 * A case of a golden file and its answers.
 *
 * @param maskLine number of the mask's line
 * @param mask packed
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record GoldenEntry(GoldenCase given, int maskLine, byte[] mask, List<Forward> forwards) {
  /**
   * A forward pass.
   *
   * @param line its number
   * @param input bytes of the elements, as memory has them
   * @param output likewise
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Forward(int line, ElementType type, byte[] input, byte[] output) {}
}
