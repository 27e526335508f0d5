package io.github.jdropout.backend.tiled;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import java.lang.foreign.Arena;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Which calls several threads work on: the kernels wait in each thread until a second one comes.
 *
 * <p>Results say nothing about that, because the split never changes them.
 */
class SplitCallsTest {
  private static final int COUNT = 1 << 17;
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

  private static Elements floats(Arena arena) {
    return Elements.of(ElementType.F32, arena.allocate(4L * COUNT, 4));
  }

  private static PackedMask bits(Arena arena) {
    return PackedMask.of(arena.allocate(COUNT / 8, 1), COUNT);
  }

  private static void assertThreads(int expected, Consumer<TiledBackend> call) throws Exception {
    // A missing thread fails the test after the long wait; a surplus one has the short wait to
    // come.
    MeetingKernels kernels = new MeetingKernels(expected == 2 ? 20_000 : 100);
    TiledBackend backend = new TiledBackend(BackendId.SCALAR, "for a test", kernels);
    try (ForkJoinPool pool = new ForkJoinPool(2)) {
      pool.submit(() -> call.accept(backend)).get();
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
  }
}
