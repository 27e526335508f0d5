package io.github.jdropout.backend.tiled;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.Activation;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.Epilogue;
import io.github.jdropout.spec.HostMatrix;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.MatrixShape;
import io.github.jdropout.spec.PackedMask;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which calls several threads work on: the kernels wait in each thread until a second one comes.
 *
 * <p>Results say nothing about that, because the split never changes them.
 */
class SplitCallsTest {
  private static final int COUNT = 1 << 17;
  private static final int COLUMNS = 256;

  /** Roles of an epilogue's operands. */
  private static final int GROUP_SUMS = 5;

  private static final int NOBODY = -1;
  private static final DropoutSpec SPEC = DropoutSpec.of(0.5);
  private static final MaskKey KEY = new MaskKey(1, 2);
  private static final MaskShape SHAPE = MaskShape.sharing(new long[] {COUNT / 2, 2}, 1);

  @Test
  void twoThreadsWorkOnALargeCall() throws Exception {
    float[] floats = new float[COUNT];
    double[] doubles = new double[COUNT];
    Elements elements = Elements.of(floats);
    PackedMask mask = PackedMask.allocate(COUNT);
    assertThreads(2, backend -> backend.forward(SPEC, KEY, 0, elements, elements));
    assertThreads(2, backend -> backend.forward(SPEC, KEY, floats, floats));
    assertThreads(2, backend -> backend.forward(SPEC, KEY, doubles, doubles));
    assertThreads(2, backend -> backend.forwardShared(SPEC, KEY, SHAPE, 0, elements, elements));
    assertThreads(2, backend -> backend.mask(SPEC, KEY, 0, mask));
    assertThreads(2, backend -> backend.applyMask(SPEC, mask, elements, elements));
    assertThreads(2, backend -> backend.scale(0.5, elements, elements));
  }

  @Test
  void oneThreadWorksOnConfinedMemoryInAnyRole() throws Exception {
    Elements heap = Elements.of(new float[COUNT]);
    PackedMask heapMask = PackedMask.allocate(COUNT);
    assertThreads(
        1,
        backend -> {
          try (Arena arena = Arena.ofConfined()) {
            backend.forward(SPEC, KEY, 0, floats(arena), heap);
          }
        });
    assertThreads(
        1,
        backend -> {
          try (Arena arena = Arena.ofConfined()) {
            backend.forwardShared(SPEC, KEY, SHAPE, 0, heap, floats(arena));
          }
        });
    assertThreads(
        1,
        backend -> {
          try (Arena arena = Arena.ofConfined()) {
            backend.mask(SPEC, KEY, 0, bits(arena));
          }
        });
    assertThreads(
        1,
        backend -> {
          try (Arena arena = Arena.ofConfined()) {
            backend.applyMask(SPEC, bits(arena), heap, heap);
          }
        });
    assertThreads(
        1,
        backend -> {
          try (Arena arena = Arena.ofConfined()) {
            backend.applyMask(SPEC, heapMask, floats(arena), heap);
          }
        });
  }

  @Test
  void twoThreadsWorkOnALargeEpilogue() throws Exception {
    assertThreadsOfEpilogues(2, NOBODY);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void oneThreadWorksOnAnEpilogueWithConfinedMemoryInAnyRole(int role) throws Exception {
    assertThreadsOfEpilogues(1, role);
  }

  /**
   * Runs both passes.
   *
   * @param confinedRole which operand is in confined memory
   */
  private static void assertThreadsOfEpilogues(int expected, int confinedRole) throws Exception {
    Epilogue epilogue = Epilogue.training(SPEC, Activation.RELU, KEY, 0, COLUMNS);
    if (confinedRole != GROUP_SUMS) {
      assertThreadsOf(
          expected,
          kernels -> {
            try (Arena arena = Arena.ofConfined()) {
              EpilogueOperands operands = new EpilogueOperands(arena, confinedRole);
              new TiledEpilogues(kernels)
                  .epilogue(
                      epilogue,
                      operands.matrix(0),
                      operands.elements(1, COLUMNS),
                      operands.matrix(2),
                      operands.matrix(3),
                      operands.signs());
            }
          });
    }
    assertThreadsOf(
        expected,
        kernels -> {
          try (Arena arena = Arena.ofConfined()) {
            EpilogueOperands operands = new EpilogueOperands(arena, confinedRole);
            new TiledEpilogues(kernels)
                .epilogueGradient(
                    epilogue,
                    operands.matrix(0),
                    operands.matrix(2),
                    operands.elements(1, COLUMNS),
                    operands.signs(),
                    operands.matrix(3),
                    operands.groupSums());
          }
        });
  }

  /** Operands of an epilogue, one of them in confined memory. */
  private record EpilogueOperands(Arena arena, int confinedRole) {
    Elements elements(int role, int count) {
      return role == confinedRole
          ? Elements.of(ElementType.F32, arena.allocate(4L * count, 4))
          : Elements.of(new float[count]);
    }

    HostMatrix matrix(int role) {
      return new HostMatrix(elements(role, COUNT), MatrixShape.of(COUNT / COLUMNS, COLUMNS));
    }

    MemorySegment signs() {
      return elements(4, COUNT / 32).segment();
    }

    HostMatrix groupSums() {
      int rows = COUNT / COLUMNS / Epilogue.GROUP_ROWS;
      return new HostMatrix(elements(GROUP_SUMS, rows * COLUMNS), MatrixShape.of(rows, COLUMNS));
    }
  }

  private static Elements floats(Arena arena) {
    return Elements.of(ElementType.F32, arena.allocate(4L * COUNT, 4));
  }

  private static PackedMask bits(Arena arena) {
    return PackedMask.of(arena.allocate(COUNT / 8, 1), COUNT);
  }

  private static void assertThreads(int expected, Consumer<TiledBackend> call) throws Exception {
    assertThreadsOf(
        expected,
        kernels -> call.accept(new TiledBackend(BackendId.SCALAR, "for a test", kernels)));
  }

  private static void assertThreadsOf(int expected, Consumer<TileKernels> call) throws Exception {
    // A missing thread fails the test after the long wait; a surplus one has the short wait to
    // come.
    MeetingKernels kernels = new MeetingKernels(expected == 2 ? 20_000 : 100);
    try (ForkJoinPool pool = new ForkJoinPool(2)) {
      pool.submit(() -> call.accept(kernels)).get();
    }
    assertEquals(expected, kernels.threads.size());
  }

  /** Computes nothing; the first call of each thread waits for two threads. */
  private static final class MeetingKernels implements TileKernels {
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final CountDownLatch two = new CountDownLatch(2);
    private final long waitMillis;

    MeetingKernels(long waitMillis) {
      this.waitMillis = waitMillis;
    }

    private void meet() {
      if (!threads.add(Thread.currentThread())) {
        return;
      }
      two.countDown();
      try {
        // Whether the other came is seen in the number of threads.
        boolean _ = two.await(waitMillis, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void expandKey(long seed, int threshold, long[] expanded) {
      meet();
    }

    @Override
    public void keepBits(
        long[] expandedKey, long stream, long firstWord, long[] words, int wordCount) {}

    @Override
    public void applyF32(
        long[] words,
        float scale,
        float[] input,
        int inputOffset,
        float[] output,
        int outputOffset,
        int count) {
      meet();
    }

    @Override
    public void applyF64(
        long[] words,
        double scale,
        double[] input,
        int inputOffset,
        double[] output,
        int outputOffset,
        int count) {}

    @Override
    public void applyF16(
        long[] words,
        float scale,
        short[] input,
        int inputOffset,
        short[] output,
        int outputOffset,
        int count,
        float[] scratch) {}

    @Override
    public void applyBf16(
        long[] words,
        float scale,
        short[] input,
        int inputOffset,
        short[] output,
        int outputOffset,
        int count) {}

    @Override
    public void signs(float[] values, int count, long[] words) {}

    @Override
    public void activation(Activation activation, float[] values, int count, float[][] scratch) {}

    @Override
    public void derivative(Activation activation, float[] values, int count, float[][] scratch) {}
  }
}
