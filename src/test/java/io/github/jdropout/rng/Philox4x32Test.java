package io.github.jdropout.rng;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.jdropout.oracle.OracleMask;
import io.github.jdropout.testing.KnownAnswers;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class Philox4x32Test {
  @Test
  void knownAnswers() {
    int tenRounds = 0;
    for (KnownAnswers.Philox known : KnownAnswers.philox()) {
      List<Integer> actual = quad(known.counter(), known.key());
      if (known.rounds() == Philox4x32.ROUNDS) {
        assertEquals(known.result(), actual);
        tenRounds++;
      } else {
        assertNotEquals(known.result(), actual, known.rounds() + " rounds");
      }
    }
    assertEquals(3, tenRounds);
  }

  @Test
  void oracleGivesTheKnownAnswersToo() {
    for (KnownAnswers.Philox known : KnownAnswers.philox()) {
      assertEquals(known.result(), oracle(known.counter(), known.key(), known.rounds()));
    }
  }

  @Test
  void equalsAnIndependentImplementation() {
    SplittableRandom random = new SplittableRandom(1);
    for (int trial = 0; trial < 1000; trial++) {
      long seed = random.nextLong();
      long stream = random.nextLong();
      // Commons RNG increments its counter before the first block, so it starts one below.
      long quad = random.nextLong() >>> 1;
      long before = quad - 1;
      int[] state = {
        (int) seed,
        (int) (seed >>> 32),
        (int) before,
        (int) (before >>> 32),
        (int) stream,
        (int) (stream >>> 32)
      };
      var independent = new org.apache.commons.rng.core.source32.Philox4x32(state);
      int[] words = new int[4];
      Philox4x32.quad(seed, stream, quad, words);
      for (int word = 0; word < 4; word++) {
        assertEquals(independent.nextInt(), words[word], "trial " + trial + ", word " + word);
      }
      assertEquals(
          Arrays.stream(words).boxed().toList(),
          oracle(
              List.of((int) quad, (int) (quad >>> 32), (int) stream, (int) (stream >>> 32)),
              List.of((int) seed, (int) (seed >>> 32)),
              Philox4x32.ROUNDS));
    }
  }

  private static List<Integer> quad(List<Integer> counter, List<Integer> key) {
    int[] words = new int[4];
    Philox4x32.quad(
        join(key.get(0), key.get(1)),
        join(counter.get(2), counter.get(3)),
        join(counter.get(0), counter.get(1)),
        words);
    return Arrays.stream(words).boxed().toList();
  }

  private static List<Integer> oracle(List<Integer> counter, List<Integer> key, int rounds) {
    return Arrays.stream(OracleMask.philox(wide(counter), wide(key), rounds))
        .map(BigInteger::intValue)
        .toList();
  }

  private static BigInteger[] wide(List<Integer> words) {
    return words.stream()
        .map(word -> BigInteger.valueOf(Integer.toUnsignedLong(word)))
        .toArray(BigInteger[]::new);
  }

  private static long join(int low, int high) {
    return Integer.toUnsignedLong(low) | (long) high << 32;
  }
}
