package io.github.jdropout.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.testing.Backends;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is timed is also what is checked: a computation that is skipped is seen. */
class SamplerTest {
  private static final long COUNT = 1 << 12;

  @BeforeEach
  void needsGpu() {
    Backends.assumeAvailable(BackendId.CUDA);
  }

  @ParameterizedTest
  @EnumSource(Operation.class)
  void timedCallsAreCheckedAfterTiming(Operation operation) {
    Gpu gpu = Gpu.open();
    try (CudaStream stream = CudaStream.create(gpu.device());
        Buffers buffers = new Buffers(gpu, ElementType.F32, COUNT, 2, stream.handle());
        Sampler sampler = new Sampler(gpu, operation, buffers, stream, true)) {
      assertDoesNotThrow(sampler::checkCall);
      sampler.sample();
      assertDoesNotThrow(sampler::checkTimed);
      assertThrows(IllegalStateException.class, () -> sampler.check(0, () -> {}));
      Runnable firstSetAlone = () -> operation.queue(gpu, buffers, 0, stream.handle());
      if (operation.sets(buffers) > 1) {
        assertThrows(IllegalStateException.class, () -> sampler.check(1, firstSetAlone));
      }
    }
  }

  @Test
  void wrongOutputOfTheGraphIsSeen() {
    Gpu gpu = Gpu.open();
    try (CudaStream stream = CudaStream.create(gpu.device());
        Buffers buffers = new Buffers(gpu, ElementType.F32, COUNT, 1, stream.handle());
        Sampler sampler = new Sampler(gpu, Operation.APPLY_MASK, buffers, stream, true)) {
      assertTrue(sampler.isGraph());
      sampler.checkTimed();
      // The graph now applies a mask that drops all.
      gpu.fill(buffers.mask(0).address(), (byte) 0, buffers.mask(0).byteSize(), stream.handle());
      IllegalStateException e = assertThrows(IllegalStateException.class, sampler::checkTimed);
      assertTrue(e.getMessage().startsWith("apply mask f32 4096"), e.getMessage());
    }
  }

  @Test
  void skippedCallThroughTheHostIsSeen() {
    try (Arena arena = Arena.ofConfined()) {
      Elements input = Elements.of(ElementType.F32, arena.allocate(64, Long.BYTES));
      MemorySegment right = arena.allocate(64, Long.BYTES);
      Elements output = Elements.of(ElementType.F32, right);
      // Dropped or not, zeros stay zeros; only a call that writes nothing leaves others.
      assertDoesNotThrow(() -> StagedTimes.check(() -> right.fill((byte) 0), input, output));
      assertThrows(IllegalStateException.class, () -> StagedTimes.check(() -> {}, input, output));
    }
  }
}
