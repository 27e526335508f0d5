package io.github.jdropout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.rng.KeepThreshold;
import io.github.jdropout.rng.Philox4x32;
import io.github.jdropout.rng.StreamAllocator;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** README's first example and the function of docs/contract.md, held against each other. */
class DocumentedExamplesTest {
  /** From docs/contract.md. */
  static boolean keep(long seed, long stream, long e, double p) {
    int[] words = new int[4];
    Philox4x32.quad(seed, stream, e >>> 3, words);
    int lane = words[(int) (e & 7) >> 1] >>> (16 * (int) (e & 1)) & 0xFFFF;
    return lane < KeepThreshold.of(p);
  }

  @Test
  void readmeFollowsTheContractPage() {
    float[] x = new float[1000];
    Arrays.fill(x, 1);
    float[] y = new float[1000];
    float[] gradX = new float[1000];

    Dropout dropout = Dropout.of(0.1);
    StreamAllocator streams = StreamAllocator.withSeed(42);
    MaskKey key = MaskKey.next(streams);
    dropout.forward(x, y, key);
    dropout.backward(x, gradX, key);

    int count = 500;
    PackedMask mask = PackedMask.allocate(count);
    dropout.mask(mask, key);
    float[] masked = new float[count];
    dropout.applyMask(mask, Elements.of(x, 0, count), Elements.of(masked));

    for (int e = 0; e < 1000; e++) {
      float expected = keep(42, 0, e, 0.1) ? (float) dropout.scale() : 0;
      assertEquals(expected, y[e]);
      assertEquals(expected, gradX[e]);
      if (e < count) {
        assertEquals(expected, masked[e]);
      }
    }
  }

  /** The files themselves are run by the tests of the native library. */
  @ParameterizedTest
  @ValueSource(strings = {"forward.c", "forward.py"})
  void nativePageShowsTheExamplesThatAreRun(String file) throws IOException {
    String example = Files.readString(Path.of("native/examples", file));
    assertTrue(Files.readString(Path.of("docs/native.md")).contains(example), file);
  }

  @Test
  void variationalDropoutSharesTimeSteps() {
    int batch = 2;
    int time = 3;
    int features = 5;
    int sample = time * features;
    float[] values = new float[batch * sample];
    Arrays.fill(values, 1);
    Elements in = Elements.of(values);
    MaskKey key = new MaskKey(1, 2);
    Dropout.of(0.5).forward(in, in, key, MaskShape.sharing(new long[] {batch, time, features}, 1));
    for (int i = 0; i < values.length; i++) {
      int e = i / sample * features + i % features;
      assertEquals(keep(1, 2, e, 0.5) ? 2f : 0f, values[i]);
    }
  }
}
