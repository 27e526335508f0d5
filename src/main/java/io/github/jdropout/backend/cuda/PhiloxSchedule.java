package io.github.jdropout.backend.cuda;

import io.github.jdropout.rng.Philox4x32;
import io.github.jdropout.spec.MaskKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The round keys of Philox with the stream folded into the first four, as the kernels take them:
 * the product of the stream's lower half is the same for all quads of a mask.
 */
final class PhiloxSchedule {
  private static final long LOW_32 = 0xFFFFFFFFL;

  private PhiloxSchedule() {}

  /** Writes the 20 words. */
  static void write(MaskKey key, MemorySegment target, long offset) {
    long product = Philox4x32.M1 * (key.stream() & LOW_32);
    int k0 = (int) key.seed();
    int k1 = (int) (key.seed() >>> 32);
    for (int round = 0; round < Philox4x32.ROUNDS; round++) {
      int word0 = k0;
      int word1 = k1;
      if (round == 0) {
        word0 ^= (int) (product >>> 32);
        word1 ^= (int) (key.stream() >>> 32);
      } else if (round == 1) {
        word0 ^= (int) product;
      }
      target.set(ValueLayout.JAVA_INT, offset + 8L * round, word0);
      target.set(ValueLayout.JAVA_INT, offset + 8L * round + 4, word1);
      k0 += Philox4x32.W0;
      k1 += Philox4x32.W1;
    }
  }
}
