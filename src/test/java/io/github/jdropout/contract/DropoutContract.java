package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.oracle.OracleMask;
import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import io.github.jdropout.spec.Scaling;
import io.github.jdropout.testing.Backends;
import io.github.jdropout.testing.KnownAnswers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
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
  private static final int[] SIZES = {
    0, 1, 7, 8, 9, 63, 64, 65, 1023, 1024, 1025, 100_003, 140_003
  };

  private static final double[] PROBABILITIES = {0, 1e-9, 0.1, 0.3, 0.5, 0.9, 1};

  /** Every probability, and classical scaling. */
  private static final List<DropoutSpec> SPECS =
      Stream.concat(
              Arrays.stream(PROBABILITIES).mapToObj(DropoutSpec::of),
              Stream.of(DropoutSpec.of(0.3).classical()))
          .toList();

  private static final List<DropoutSpec> SHARED_SPECS =
      List.of(
          DropoutSpec.of(0),
          DropoutSpec.of(0.3),
          DropoutSpec.of(0.5).classical(),
          DropoutSpec.of(1));

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

  private Dropout dropout(DropoutSpec spec) {
    return Dropout.of(spec, backend);
  }

  /** Returns where the elements of a call of that size lie, one place after the other. */
  Storage[] storages(int size) {
    return Storage.values();
  }

  private int largest() {
    return SIZES[SIZES.length - 1];
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
    for (DropoutSpec spec : SPECS) {
      checkForward(type, spec);
    }
  }

  private void checkForward(ElementType type, DropoutSpec spec) {
    Dropout dropout = dropout(spec);
    Expectation expected = new Expectation(type, spec, inputs(type));
    for (long first : FIRST_INDICES) {
      for (int size : SIZES) {
        for (Storage storage : storages(size)) {
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
    for (DropoutSpec spec : SPECS) {
      int threshold = OracleMask.threshold(spec.p());
      boolean isScaled = spec.scaling() == Scaling.INVERTED && threshold != 0;
      float scaleF32 = isScaled ? ReferenceArithmetic.scaleF32(threshold) : 1;
      double scale = isScaled ? ReferenceArithmetic.scale(threshold) : 1;
      for (int size : SIZES) {
        float[] floats = ones(size);
        double[] doubles = new double[size];
        Arrays.fill(doubles, 1);
        dropout(spec).forward(floats, floats, KEY);
        dropout(spec).backward(doubles, doubles, KEY);
        for (int i = 0; i < size; i++) {
          boolean isKept = lanes(0)[i] < threshold;
          assertEquals(isKept ? scaleF32 : 0, floats[i]);
          assertEquals(isKept ? scale : 0, doubles[i]);
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
        int[] keep = Arrays.stream(lanes(first)).map(lane -> lane < threshold ? 1 : 0).toArray();
        for (int size : SIZES) {
          byte[] packed = GuardedMask.pack(keep, size);
          String context = size + " elements, first " + first + ", p " + p;
          for (GuardedMask cells : List.of(GuardedMask.onHeap(size), GuardedMask.offHeap(size))) {
            dropout(DropoutSpec.of(p)).mask(cells.mask(), KEY, first);
            assertArrayEquals(packed, cells.bytes(), context);
            assertTrue(cells.areGuardsIntact(), context);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void givenMaskIsApplied(ElementType type) {
    SplittableRandom random = new SplittableRandom(11);
    for (DropoutSpec spec : SPECS) {
      int threshold = OracleMask.threshold(spec.p());
      Expectation expected = new Expectation(type, spec, inputs(type));
      for (int size : SIZES) {
        byte[] bytes = new byte[(size + 7) / 8];
        random.nextBytes(bytes);
        // A lane that the oracle keeps or drops as the given bit says; p = 1 drops all.
        int[] decided =
            IntStream.range(0, size)
                .map(i -> (bytes[i / 8] >> (i % 8) & 1) == 1 ? Math.max(threshold - 1, 0) : 65536)
                .toArray();
        for (GuardedMask cells : List.of(GuardedMask.onHeap(size), GuardedMask.offHeap(size))) {
          cells.setBytes(bytes);
          for (Storage storage : storages(size)) {
            checkGivenMask(dropout(spec), cells.mask(), expected, decided, type, storage);
          }
          assertArrayEquals(bytes, cells.bytes());
          assertTrue(cells.areGuardsIntact());
        }
      }
    }
  }

  private void checkGivenMask(
      Dropout dropout,
      PackedMask mask,
      Expectation expected,
      int[] decided,
      ElementType type,
      Storage storage) {
    int size = decided.length;
    Storage.Cells input = storage.allocate(type, Arrays.copyOf(inputs(type), size));
    Storage.Cells output = storage.allocate(type, Patterns.poison(type, size));
    dropout.applyMask(mask, input.elements(), output.elements());
    String context = storage + ", " + size + " elements, " + dropout;
    // With p = 0 a given mask may still drop, so bits are compared as for any other p.
    assertNull(expected.firstDifferenceOfGivenMask(decided, output.bits()), context);
    assertTrue(output.areGuardsIntact(), context);
    dropout.applyMask(mask, input.elements(), input.elements());
    assertNull(expected.firstDifferenceOfGivenMask(decided, input.bits()), context);
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
      DropoutSpec inverted = DropoutSpec.of(p);
      for (DropoutSpec spec : List.of(inverted, inverted.classical())) {
        Expectation expected = new Expectation(type, spec, inputs(type));
        for (int size : SIZES) {
          for (Storage storage : storages(size)) {
            Storage.Cells input = storage.allocate(type, Arrays.copyOf(inputs(type), size));
            Storage.Cells output = storage.allocate(type, Patterns.poison(type, size));
            dropout(spec).infer(input.elements(), output.elements());
            assertNull(expected.firstDifferenceAtInference(output.bits()), storage.toString());
            assertTrue(output.areGuardsIntact());
          }
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
      expectedLanes[element] = maskLanes[Math.toIntExact(SharedShapes.maskIndex(shape, element))];
    }
    MaskKey key = new MaskKey(5, 6);
    for (ElementType type : ElementType.values()) {
      for (DropoutSpec spec : SHARED_SPECS) {
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

  @ParameterizedTest
  @MethodSource("io.github.jdropout.contract.SharedShapes#huge")
  void sharedMaskOfAHugeTensorFollowsItsIndex(MaskShape shape) {
    int count = 2500;
    DropoutSpec spec = DropoutSpec.of(0.3);
    Expectation expected = new Expectation(ElementType.F32, spec, inputs(ElementType.F32));
    long last = shape.elementCount() - count;
    for (long first : new long[] {(1L << 32) + 1, last / 2 - 700, last}) {
      int[] expectedLanes =
          LongStream.range(first, first + count)
              .map(element -> SharedShapes.maskIndex(shape, element))
              .mapToInt(index -> OracleMask.lane(KEY.seed(), KEY.stream(), index))
              .toArray();
      Storage.Cells cells =
          Storage.ARRAY.allocate(ElementType.F32, Arrays.copyOf(inputs(ElementType.F32), count));
      dropout(spec).forward(cells.elements(), cells.elements(), KEY, shape, first);
      assertNull(expected.firstDifference(expectedLanes, cells.bits()), shape + ", first " + first);
    }
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
  void concurrentCallsDoNotDisturbEachOther() throws Exception {
    List<Supplier<MemorySegment>> calls = new ArrayList<>();
    for (int rows : new int[] {14, 429, 20_001}) { // the last is split
      for (int stream = 0; stream < 3; stream++) {
        addCalls(calls, 7 * rows, new MaskKey(9, stream));
      }
    }
    List<MemorySegment> alone = calls.stream().map(Supplier::get).toList();
    try (ForkJoinPool pool = new ForkJoinPool(4)) {
      pool.submit(() ->
              IntStream.range(0, 8 * calls.size())
                  .parallel()
                  .map(round -> round % calls.size())
                  .forEach(i ->
                      assertEquals(-1, alone.get(i).mismatch(calls.get(i).get()), "call " + i)))
          .get();
    }
  }

  /** Adds a call of each kind that returns its whole output. */
  private void addCalls(List<Supplier<MemorySegment>> calls, int count, MaskKey key) {
    Dropout dropout = dropout(DropoutSpec.of(0.5));
    float[] input = ones(count);
    Elements elements = Elements.of(input);
    PackedMask given = PackedMask.allocate(count);
    dropout.mask(given, key);
    MaskShape shape = MaskShape.sharing(new long[] {count / 7, 7}, 1);
    calls.add(() -> {
      float[] output = new float[count];
      dropout.forward(input, output, key);
      return MemorySegment.ofArray(output);
    });
    calls.add(() -> {
      float[] output = new float[count];
      dropout.forward(elements, Elements.of(output), key, shape);
      return MemorySegment.ofArray(output);
    });
    calls.add(() -> {
      float[] output = new float[count];
      dropout.applyMask(given, elements, Elements.of(output));
      return MemorySegment.ofArray(output);
    });
    calls.add(() -> {
      PackedMask mask = PackedMask.allocate(count);
      dropout.mask(mask, key);
      return mask.bytes();
    });
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
