package io.github.jdropout.rng;

/**
 * Philox4x32-10, the counter-based generator behind every mask.
 *
 * <p>A pure function from a 128-bit counter and a 64-bit key to four 32-bit words, called a quad
 * here. Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11.
 */
public final class Philox4x32 {
  /** Number of rounds. */
  public static final int ROUNDS = 10;

  /** Multiplier of counter word 0, as an unsigned 32-bit value. */
  public static final long M0 = 0xD2511F53L;

  /** Multiplier of counter word 2, as an unsigned 32-bit value. */
  public static final long M1 = 0xCD9E8D57L;

  /** Added to key word 0 after each round. */
  public static final int W0 = 0x9E3779B9;

  /** Added to key word 1 after each round. */
  public static final int W1 = 0xBB67AE85;

  private static final long LOW_32 = 0xFFFFFFFFL;

  private Philox4x32() {}

  /**
   * Computes the quad that decides about the elements {@code 8 * quad} to {@code 8 * quad + 7}.
   *
   * <p>The key is (low half of seed, high half of seed); the counter is (low half of quad, high
   * half of quad, low half of stream, high half of stream).
   *
   * @param seed all 64 bits are used
   * @param stream all 64 bits are used
   * @param quad index of the quad, the element index divided by 8
   * @param words receives the four words at indices 0 to 3
   */
  public static void quad(long seed, long stream, long quad, int[] words) {
    int k0 = (int) seed;
    int k1 = (int) (seed >>> 32);
    int c0 = (int) quad;
    int c1 = (int) (quad >>> 32);
    int c2 = (int) stream;
    int c3 = (int) (stream >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = M0 * (c0 & LOW_32);
      long product1 = M1 * (c2 & LOW_32);
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += W0;
      k1 += W1;
    }
    words[0] = c0;
    words[1] = c1;
    words[2] = c2;
    words[3] = c3;
  }
}
