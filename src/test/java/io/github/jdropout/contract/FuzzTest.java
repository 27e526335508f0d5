package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.oracle.OracleMask;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.testing.Backends;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random calls of the whole face on every backend; a failure names the seed that repeats it.
 *
 * <p>The contract tests boundaries one by one; this meets combinations that nobody thought of.
 */
class FuzzTest {
  private static final int CASES = 150;
  private static final int LARGEST = 5000;

  @ParameterizedTest
  @MethodSource("operationsOfBackends")
  void randomCallsFollowTheOracle(BackendId backend, Operation operation) {
    Backends.assumeAvailable(backend);
    for (int seed = 0; seed < CASES; seed++) {
      Call call = new Call(operation, seed);
      call.check(Dropout.of(call.spec, backend));
    }
  }

  static Stream<Arguments> operationsOfBackends() {
    return Arrays.stream(BackendId.values())
        .flatMap(backend ->
            Arrays.stream(Operation.values()).map(operation -> Arguments.of(backend, operation)));
  }

  enum Operation {
    FORWARD,
    BACKWARD,
    SHARED,
    MASK,
    APPLY_MASK,
    INFER
  }

  /** The arguments of one call and what it must write. */
  private static final class Call {
    private final Operation operation;
    private final SplittableRandom random;
    private final String name;
    private final DropoutSpec spec;
    private final ElementType type;
    private final MaskKey key;
    private final MaskShape shape;
    private final int count;
    private final long first;
    private final Storage inputStorage;
    private final Storage outputStorage;
    private final boolean isInPlace;
    private final boolean isInputReadOnly;
    private final boolean isMaskOnHeap;
    private final int[] lanes;

    Call(Operation operation, int seed) {
      this.operation = operation;
      random = new SplittableRandom(31L * seed + operation.name().hashCode());
      double p = new double[] {0, 1, 1e-9, 0.5, random.nextDouble()}[random.nextInt(5)];
      spec = random.nextBoolean() ? DropoutSpec.of(p) : DropoutSpec.of(p).classical();
      type = any(ElementType.values());
      key = new MaskKey(random.nextLong(), random.nextLong());
      shape = SharedShapes.random(random, LARGEST);
      boolean isShared = operation == Operation.SHARED;
      int limit = isShared ? (int) shape.elementCount() : LARGEST;
      count = random.nextInt(random.nextBoolean() ? Math.min(limit, 150) + 1 : limit + 1);
      first = isShared ? random.nextLong(limit - count + 1L) : first();
      inputStorage = any(Storage.values());
      outputStorage = any(Storage.values());
      isInPlace = random.nextBoolean();
      isInputReadOnly = random.nextBoolean();
      isMaskOnHeap = random.nextBoolean();
      lanes = isShared ? sharedLanes() : OracleMask.lanes(key.seed(), key.stream(), first, count);
      name =
          operation
              + " with seed "
              + seed
              + ": "
              + count
              + " "
              + type
              + " from "
              + first
              + ", "
              + spec
              + ", "
              + (isInPlace ? "in place in " : inputStorage + " to ")
              + outputStorage;
    }

    private <T> T any(T[] values) {
      return values[random.nextInt(values.length)];
    }

    /** Near every place where a carry passes from one part of the index to the next. */
    private long first() {
      long last = Long.MAX_VALUE - Math.max(count - 1, 0);
      return switch (random.nextInt(6)) {
        case 0 -> 0;
        case 1 -> random.nextInt(LARGEST);
        case 2 -> (1L << 35) - random.nextInt(count + 1);
        case 3 -> (1L << 40) - random.nextInt(count + 1);
        case 4 -> last - random.nextInt(70);
        default -> random.nextLong(last);
      };
    }

    private int[] sharedLanes() {
      int[] decisions =
          OracleMask.lanes(key.seed(), key.stream(), 0, (int) shape.maskElementCount());
      return LongStream.range(first, first + count)
          .mapToInt(element -> decisions[(int) SharedShapes.maskIndex(shape, element)])
          .toArray();
    }

    void check(Dropout dropout) {
      String context = name + " on " + dropout.backend().id();
      GuardedMask mask = isMaskOnHeap ? GuardedMask.onHeap(count) : GuardedMask.offHeap(count);
      int threshold = OracleMask.threshold(spec.p());
      byte[] packed =
          GuardedMask.pack(Arrays.stream(lanes).map(l -> l < threshold ? 1 : 0).toArray(), count);
      if (operation == Operation.MASK) {
        dropout.mask(mask.mask(), key, first);
      } else {
        mask.setBytes(packed);
        checkElements(dropout, mask, context);
      }
      assertArrayEquals(packed, mask.bytes(), context);
      assertTrue(mask.areGuardsIntact(), context);
    }

    private void checkElements(Dropout dropout, GuardedMask mask, String context) {
      long[] source = Patterns.inputs(type, count);
      Storage.Cells output =
          outputStorage.allocate(type, isInPlace ? source : Patterns.poison(type, count));
      Storage.Cells input = isInPlace ? output : inputStorage.allocate(type, source);
      Elements from = isInputReadOnly ? input.readOnlyElements() : input.elements();
      Elements to = output.elements();
      switch (operation) {
        case FORWARD -> dropout.forward(from, to, key, first);
        case BACKWARD -> dropout.backward(from, to, key, first);
        case SHARED -> dropout.forward(from, to, key, shape, first);
        case APPLY_MASK -> dropout.applyMask(mask.mask(), from, to);
        case INFER -> dropout.infer(from, to);
        case MASK -> throw new AssertionError(context);
      }
      Expectation expected = new Expectation(type, spec, source);
      long[] actual = output.bits();
      assertNull(
          switch (operation) {
            case INFER -> expected.firstDifferenceAtInference(actual);
            case APPLY_MASK -> expected.firstDifferenceOfGivenMask(lanes, actual);
            default -> expected.firstDifference(lanes, actual);
          },
          context);
      if (!isInPlace) {
        assertArrayEquals(source, input.bits(), context);
      }
      assertTrue(input.areGuardsIntact() && output.areGuardsIntact(), context);
    }
  }
}
