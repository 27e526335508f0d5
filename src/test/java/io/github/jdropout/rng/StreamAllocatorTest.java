package io.github.jdropout.rng;

import static io.github.jdropout.testing.Messages.assertNullNamed;
import static io.github.jdropout.testing.Messages.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StreamAllocatorTest {
  @Test
  void countsFromZero() {
    StreamAllocator streams = StreamAllocator.withSeed(42);
    assertEquals(0, streams.next());
    assertEquals(1, streams.next());
    assertEquals(42, streams.seed());
  }

  @Test
  void threadsNeverShareAStream() {
    StreamAllocator streams = StreamAllocator.withSeed(1);
    Set<Long> drawn =
        IntStream.range(0, 100_000)
            .parallel()
            .mapToObj(call -> streams.next())
            .collect(Collectors.toSet());
    assertEquals(100_000, drawn.size());
    assertEquals(100_000, streams.next());
  }

  @Test
  void restoredStateContinues() {
    StreamAllocator streams = StreamAllocator.withSeed(-7);
    for (int i = 0; i < 1000; i++) {
      streams.next();
    }
    StreamAllocator restored = StreamAllocator.restore(streams.save());
    assertEquals(-7, restored.seed());
    assertEquals(streams.next(), restored.next());
    assertEquals(20, streams.save().length);
    assertEquals("StreamAllocator[seed=-7, next=1001]", restored.toString());
  }

  @Test
  void exhaustionIsAnErrorAndStaysOne() {
    byte[] last =
        ByteBuffer.allocate(20).putInt(0x4A445301).putLong(3).putLong(Long.MAX_VALUE).array();
    StreamAllocator streams = StreamAllocator.restore(last);
    assertEquals(Long.MAX_VALUE, streams.next());
    assertThrows(IllegalStateException.class, streams::next);
    assertThrows(IllegalStateException.class, streams::next);
  }

  @Test
  void derivedStreamsAreDistinctAndApartFromCounted() {
    Set<Long> streams = new HashSet<>();
    int[] layers = {0, 1, 2, 1023, StreamAllocator.MAX_LAYERS - 1};
    long[] steps = {0, 1, 2, 1L << 32, StreamAllocator.MAX_STEPS - 1};
    for (int layer : layers) {
      for (long step : steps) {
        long stream = StreamAllocator.stream(layer, step);
        assertTrue(stream < 0, "bit 63 tells derived streams from counted ones");
        assertTrue(streams.add(stream), layer + ", " + step);
      }
    }
    assertEquals(StreamAllocator.stream(3, 4), StreamAllocator.stream(3, 4));
    assertEquals(-1L, StreamAllocator.stream((1 << 20) - 1, (1L << 43) - 1));
  }

  @Test
  void replicasHaveDistinctSeedsAndTheFirstHasTheSeedItself() {
    assertEquals(99, StreamAllocator.replicaSeed(99, 0));
    long distinct =
        IntStream.range(0, 10_000)
            .mapToLong(replica -> StreamAllocator.replicaSeed(99, replica))
            .distinct()
            .count();
    assertEquals(10_000, distinct);
    assertNotEquals(StreamAllocator.replicaSeed(1, 1), StreamAllocator.replicaSeed(2, 1));
  }

  /** The finaliser of MurmurHash3 gives b456bcfc34c2cb2c for 1 and 0b5181c509f8d8ce for 3. */
  @Test
  void replicaSeedsAreKnown() {
    assertEquals(0xB456BCFC34C2CB2CL, StreamAllocator.replicaSeed(0, 1));
    assertEquals(0x0B5181C509F8D8E4L, StreamAllocator.replicaSeed(42, 3));
  }

  @Test
  void badInputIsNamed() {
    assertRefused("layer must be in [0, 1048576) but is -1", () -> StreamAllocator.stream(-1, 0));
    assertRefused(
        "layer must be in [0, 1048576) but is 1048576", () -> StreamAllocator.stream(1 << 20, 0));
    assertRefused(
        "step must be in [0, 8796093022208) but is -1", () -> StreamAllocator.stream(0, -1));
    assertRefused(
        "step must be in [0, 8796093022208) but is 8796093022208",
        () -> StreamAllocator.stream(0, 1L << 43));
    assertRefused("replica must be at least 0 but is -1", () -> StreamAllocator.replicaSeed(1, -1));
    assertRefused("saved must have 20 bytes but has 3", () -> StreamAllocator.restore(new byte[3]));
    assertRefused(
        "saved must start with 4a445301 but starts with 00000000",
        () -> StreamAllocator.restore(new byte[20]));
    assertNullNamed("saved", () -> StreamAllocator.restore(null));
  }
}
