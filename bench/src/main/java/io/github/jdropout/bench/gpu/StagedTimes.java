package io.github.jdropout.bench.gpu;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Times dropout of host memory through the GPU: to the device, there, and back. */
final class StagedTimes {
  private static final MaskKey KEY = new MaskKey(42, 7);
  private static final int WARMUPS = 5;

  /** Every byte of the output before a call that is checked. */
  private static final byte POISON = 0x5A;

  private StagedTimes() {}

  /**
   * Times a type, appends a node and checks all bits, before and after.
   *
   * @throws IllegalStateException if the output is wrong
   */
  static void measure(ElementType type, long count, int samples, ArrayNode results) {
    try (Arena arena = Arena.ofShared()) {
      long bytes = count * type.bytes();
      MemorySegment memory = arena.allocate(bytes, Long.BYTES);
      SplittableRandom random = new SplittableRandom(42);
      for (long at = 0; at < bytes; at += Long.BYTES) {
        // Any bits but those of infinities and NaN, whatever the type.
        memory.set(ValueLayout.JAVA_LONG, at, random.nextLong() & 0xBFFF_BFFF_BFFF_BFFFL);
      }
      Elements input = Elements.of(type, memory);
      Elements output = Elements.of(type, arena.allocate(bytes, Long.BYTES));
      Dropout dropout = Dropout.of(DropoutSpec.of(Operation.P), BackendId.CUDA);
      Runnable call = () -> dropout.forward(input, output, KEY);
      check(call, input, output);
      ObjectNode node = results.addObject();
      node.put("type", type.label());
      node.put("elements", count);
      node.put("bytes", 2 * bytes);
      ArrayNode times = node.putArray("nanosPerCall");
      for (int turn = -WARMUPS; turn < samples; turn++) {
        long start = System.nanoTime();
        call.run();
        if (turn >= 0) {
          times.add(System.nanoTime() - start);
        }
      }
      check(call, input, output);
    }
  }

  /**
   * Poisons the output, runs a call and compares with the scalar backend.
   *
   * @throws IllegalStateException if a bit differs
   */
  static void check(Runnable call, Elements input, Elements output) {
    output.segment().fill(POISON);
    call.run();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment expected = arena.allocate(output.segment().byteSize(), Long.BYTES);
      Dropout.of(DropoutSpec.of(Operation.P), BackendId.SCALAR)
          .forward(input, Elements.of(input.type(), expected), KEY);
      long mismatch = output.segment().mismatch(expected);
      if (mismatch >= 0) {
        throw new IllegalStateException(
            "wrong output of " + input.type().label() + " through the host at byte " + mismatch);
      }
    }
  }
}
