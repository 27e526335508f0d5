package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.oracle.OracleArithmetic;
import io.github.jdropout.oracle.OracleMask;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import io.github.jdropout.testing.Backends;
import io.github.jdropout.testing.KnownAnswers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every backend must do, to the bit; a subclass names the backend.
 *
 * <p>Sizes stand around every boundary of the implementations: a quad (8), a word of mask bits
 * (64), a tile (1024), and, at 140 003, a call that is split over threads. Outputs are poisoned
 * before and canaries on both sides are checked after.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DropoutContract {
  private static final double[] PROBABILITIES = {0, 1e-9, 0.1, 0.3, 0.5, 0.9, 1};

  /** Zero, unaligned, and where the low half of the quad's index wraps and beyond. */
  private static final long[] FIRST_INDICES = {
    0, 3, (1L << 32) - 5, (1L << 35) - 1029, (1L << 40) - 500
  };

  private static final MaskKey KEY = new MaskKey(0x299F31D0A4093822L, 0x0370734413198A2EL);

  private final BackendId backend;
  private final Map<Long, int[]> lanes = new HashMap<>();
  private final Map<ElementType, long[]> inputs = new HashMap<>();

  DropoutContract(BackendId backend) {
    this.backend = backend;
  }

  @BeforeEach
  void backendIsThere() {
    Backends.assumeAvailable(backend);
  }

  /** Returns the sizes to test; a slow configuration may leave out the largest. */
  int[] sizes() {
    return new int[] {0, 1, 7, 8, 9, 63, 64, 65, 1023, 1024, 1025, 4099, 140_003};
  }

  private Dropout dropout(DropoutSpec spec) {
    return Dropout.of(spec, backend);
  }

  private int largest() {
    return Arrays.stream(sizes()).max().orElseThrow();
  }

  /** The oracle's lanes from {@code first}, computed once for the largest size. */
  private int[] lanes(long first) {
    return lanes.computeIfAbsent(
        first, f -> OracleMask.lanes(KEY.seed(), KEY.stream(), f, largest()));
  }

  private long[] inputs(ElementType type) {
    return inputs.computeIfAbsent(type, t -> Patterns.inputs(t, largest()));
  }

  @Test
  void knownMasks() {
    for (KnownAnswers.Mask known : KnownAnswers.masks()) {
      PackedMask mask = PackedMask.allocate(64);
      dropout(DropoutSpec.of(known.p())).mask(mask, known.key(), known.first());
      assertEquals(known.bits(), word(mask, 0), known.toString());
    }
  }

  @ParameterizedTest
  @EnumSource
  void forwardFollowsTheOracle(ElementType type) {
    for (double p : PROBABILITIES) {
      checkForward(type, DropoutSpec.of(p));
    }
    checkForward(type, DropoutSpec.of(0.3).classical());
  }

  private void checkForward(ElementType type, DropoutSpec spec) {
    Dropout dropout = dropout(spec);
    Expectation expected = new Expectation(type, spec, inputs(type));
    for (long first : FIRST_INDICES) {
      for (int size : sizes()) {
        for (Storage storage : Storage.values()) {
          checkForward(dropout, expected, type, first, size, storage);
        }
      }
    }
  }

  private void checkForward(
      Dropout dropout,
      Expectation expected,
      ElementType type,
      long first,
      int size,
      Storage storage) {
    String context = storage + ", " + size + " elements, first " + first;
    int[] expectedLanes = lanes(first);
    long[] source = Arrays.copyOf(inputs(type), size);
    Storage.Cells input = storage.allocate(type, source);
    Storage.Cells output = storage.allocate(type, Patterns.poison(type, size));
    dropout.forward(input.elements(), output.elements(), KEY, first);
    assertNull(expected.firstDifference(expectedLanes, output.bits()), context);
    assertArrayEquals(source, input.bits(), context);
    assertTrue(input.areGuardsIntact() && output.areGuardsIntact(), context);

    dropout.backward(input.elements(), input.elements(), KEY, first);
    assertNull(expected.firstDifference(expectedLanes, input.bits()), "in place, " + context);
    assertTrue(input.areGuardsIntact(), context);
  }

  @Test
  void wholeArraysFollowTheOracle() {
    for (double p : PROBABILITIES) {
      for (int size : sizes()) {
        float[] floats = ones(size);
        double[] doubles = new double[size];
        Arrays.fill(doubles, 1);
        Dropout dropout = dropout(DropoutSpec.of(p));
        dropout.forward(floats, floats, KEY);
        dropout.backward(doubles, doubles, KEY);
        int threshold = OracleMask.threshold(p);
        for (int i = 0; i < size; i++) {
          boolean isKept = lanes(0)[i] < threshold;
          assertEquals(isKept ? OracleArithmetic.scaleF32(threshold) : 0, floats[i]);
          assertEquals(isKept ? OracleArithmetic.scale(threshold) : 0, doubles[i]);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void storageOfInputAndOutputMayDiffer(ElementType type) {
    DropoutSpec spec = DropoutSpec.of(0.3);
    Expectation expected = new Expectation(type, spec, inputs(type));
    int size = 1500;
    for (Storage from : Storage.values()) {
      for (Storage to : Storage.values()) {
        Storage.Cells input = from.allocate(type, Arrays.copyOf(inputs(type), size));
        Storage.Cells output = to.allocate(type, Patterns.poison(type, size));
        dropout(spec).forward(input.elements(), output.elements(), KEY, 3);
        assertNull(expected.firstDifference(lanes(3), output.bits()), from + " to " + to);
        assertTrue(output.areGuardsIntact(), from + " to " + to);
      }
    }
  }

  @Test
  void maskFollowsTheOracle() {
    for (double p : PROBABILITIES) {
      int threshold = OracleMask.threshold(p);
      for (long first : FIRST_INDICES) {
        int[] expected = lanes(first);
        for (int size : sizes()) {
          int bytes = (size + 7) / 8;
          byte[] memory = new byte[bytes + 5];
          Arrays.fill(memory, (byte) 0x5A);
          PackedMask mask = PackedMask.of(MemorySegment.ofArray(memory).asSlice(3, bytes), size);
          dropout(DropoutSpec.of(p)).mask(mask, KEY, first);
          byte[] packed = new byte[bytes];
          for (int i = 0; i < size; i++) {
            packed[i / 8] |= (byte) ((expected[i] < threshold ? 1 : 0) << (i % 8));
          }
          String context = size + " elements, first " + first + ", p " + p;
          assertArrayEquals(packed, Arrays.copyOfRange(memory, 3, 3 + bytes), context);
          assertArrayEquals(
              new byte[] {0x5A, 0x5A, 0x5A, 0x5A, 0x5A},
              new byte[] {memory[0], memory[1], memory[2], memory[3 + bytes], memory[4 + bytes]},
              context);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void givenMaskIsApplied(ElementType type) {
    SplittableRandom random = new SplittableRandom(11);
    for (double p : PROBABILITIES) {
      DropoutSpec spec = DropoutSpec.of(p);
      int threshold = OracleMask.threshold(p);
      Expectation expected = new Expectation(type, spec, inputs(type));
      for (int size : sizes()) {
        byte[] bytes = new byte[(size + 7) / 8 + 1];
        random.nextBytes(bytes);
        PackedMask mask = PackedMask.of(MemorySegment.ofArray(bytes).asSlice(1), size);
        // A lane that the oracle keeps or drops as the given bit says; p = 1 drops all.
        int[] decided =
            IntStream.range(0, size)
                .map(i ->
                    (bytes[1 + i / 8] >> (i % 8) & 1) == 1 ? Math.max(threshold - 1, 0) : 65536)
                .toArray();
        for (Storage storage : Storage.values()) {
          Storage.Cells input = storage.allocate(type, Arrays.copyOf(inputs(type), size));
          Storage.Cells output = storage.allocate(type, Patterns.poison(type, size));
          dropout(spec).applyMask(mask, input.elements(), output.elements());
          String context = storage + ", " + size + " elements, p " + p;
          // With p = 0 a given mask may still drop, so bits are compared as for any other p.
          assertNull(expected.firstDifferenceOfGivenMask(decided, output.bits()), context);
          assertTrue(output.areGuardsIntact(), context);
          dropout(spec).applyMask(mask, input.elements(), input.elements());
          assertNull(expected.firstDifferenceOfGivenMask(decided, input.bits()), context);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void computedMaskAppliedEqualsForward(ElementType type) {
    int size = 3001;
    Dropout dropout = dropout(DropoutSpec.of(0.3));
    PackedMask mask = PackedMask.allocate(size);
    dropout.mask(mask, KEY, 77);
    Storage.Cells input = Storage.ARRAY.allocate(type, Arrays.copyOf(inputs(type), size));
    Storage.Cells fused = Storage.ARRAY.allocate(type, Patterns.poison(type, size));
    Storage.Cells applied = Storage.ARRAY.allocate(type, Patterns.poison(type, size));
    dropout.forward(input.elements(), fused.elements(), KEY, 77);
    dropout.applyMask(mask, input.elements(), applied.elements());
    assertArrayEquals(fused.bits(), applied.bits());
  }

  @ParameterizedTest
  @EnumSource
  void inferenceIsTheIdentityOrTheKeepProbability(ElementType type) {
    for (double p : PROBABILITIES) {
      for (int size : sizes()) {
        for (Storage storage : Storage.values()) {
          long[] source = Arrays.copyOf(inputs(type), size);
          Storage.Cells input = storage.allocate(type, source);
          Storage.Cells output = storage.allocate(type, Patterns.poison(type, size));
          dropout(DropoutSpec.of(p)).infer(input.elements(), output.elements());
          assertArrayEquals(source, output.bits());

          dropout(DropoutSpec.of(p).classical()).infer(input.elements(), output.elements());
          double factor = OracleMask.threshold(p) / 65536.0;
          long[] actual = output.bits();
          for (int i = 0; i < size; i++) {
            long expected = OracleArithmetic.product(type, source[i], factor, (float) factor);
            assertTrue(
                actual[i] == expected
                    || (OracleArithmetic.isNaN(type, expected)
                        && OracleArithmetic.isNaN(type, actual[i])),
                i + " of " + size + ": " + Long.toHexString(source[i]));
          }
          assertTrue(output.areGuardsIntact());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.jdropout.contract.SharedShapes#all")
  void sharedMaskFollowsItsIndex(MaskShape shape) {
    int count = Math.toIntExact(shape.elementCount());
    int[] maskLanes = OracleMask.lanes(5, 6, 0, Math.toIntExact(shape.maskElementCount()));
    int[] expectedLanes = new int[count];
    for (int element = 0; element < count; element++) {
      expectedLanes[element] = maskLanes[SharedShapes.maskIndex(shape, element)];
    }
    MaskKey key = new MaskKey(5, 6);
    for (ElementType type : ElementType.values()) {
      for (double p : new double[] {0, 0.3, 0.5, 1}) {
        DropoutSpec spec = DropoutSpec.of(p);
        long[] source = Patterns.inputs(type, count);
        Expectation expected = new Expectation(type, spec, source);
        Storage.Cells input = Storage.ARRAY.allocate(type, source);
        Storage.Cells output = Storage.NATIVE_ODD.allocate(type, Patterns.poison(type, count));
        dropout(spec).forward(input.elements(), output.elements(), key, shape);
        assertNull(expected.firstDifference(expectedLanes, output.bits()), shape + " " + type);
        assertTrue(output.areGuardsIntact());
        dropout(spec).backward(input.elements(), input.elements(), key, shape);
        assertNull(expected.firstDifference(expectedLanes, input.bits()), shape + " in place");
      }
    }
    slicesOfSharedMaskAgree(shape, key, count);
  }

  private void slicesOfSharedMaskAgree(MaskShape shape, MaskKey key, int count) {
    Dropout dropout = dropout(DropoutSpec.of(0.4));
    float[] input = ones(count);
    float[] whole = new float[count];
    dropout.forward(Elements.of(input), Elements.of(whole), key, shape);
    float[] sliced = new float[count];
    SplittableRandom random = new SplittableRandom(count);
    for (int from = 0; from < count; ) {
      int length = Math.min(count - from, 1 + random.nextInt(2000));
      dropout.forward(
          Elements.of(input, from, length), Elements.of(sliced, from, length), key, shape, from);
      from += length;
    }
    assertArrayEquals(whole, sliced);
  }

  @Test
  void slicesShardsPoolsAndThreadsAgree() throws Exception {
    int count = largest();
    Dropout dropout = dropout(DropoutSpec.of(0.3));
    float[] input = ones(count);
    float[] whole = new float[count];
    dropout.forward(input, whole, KEY);
    for (int parts : new int[] {2, 3, 7, 64}) {
      float[] sharded = new float[count];
      for (int part = 0; part < parts; part++) {
        int from = (int) ((long) count * part / parts);
        int length = (int) ((long) count * (part + 1) / parts) - from;
        dropout.forward(
            Elements.of(input, from, length), Elements.of(sharded, from, length), KEY, from);
      }
      assertArrayEquals(whole, sharded, parts + " shards");
    }
    for (int threads : new int[] {1, 2, 3, 8}) {
      try (ForkJoinPool pool = new ForkJoinPool(threads)) {
        float[] pooled = new float[count];
        pool.submit(() -> dropout.forward(input, pooled, KEY)).get();
        assertArrayEquals(whole, pooled, threads + " threads");
      }
    }
  }

  @Test
  void concurrentCallsDoNotDisturbEachOther() {
    int count = 3000;
    float[] input = ones(count);
    Dropout dropout = dropout(DropoutSpec.of(0.5));
    boolean allEqual =
        IntStream.range(0, 64)
            .parallel()
            .allMatch(call -> {
              MaskKey key = new MaskKey(9, call % 8);
              float[] output = new float[count];
              dropout.forward(input, output, key);
              int[] expected = OracleMask.lanes(9, call % 8, 0, 100);
              return IntStream.range(0, 100)
                  .allMatch(i -> output[i] == (expected[i] < 32768 ? 2f : 0f));
            });
    assertTrue(allEqual);
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static long word(PackedMask mask, int index) {
    return mask.bytes().getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, index);
  }
}
