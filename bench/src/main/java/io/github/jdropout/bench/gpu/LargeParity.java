package io.github.jdropout.bench.gpu;

import io.github.jdropout.Dropout;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaDropout;
import io.github.jdropout.backend.cuda.CudaException;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.backend.cuda.DeviceBuffer;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.PackedMask;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Compares large calls on the device with the scalar backend, bit for bit: every element of every
 * type, and samples of a tensor whose indices need more than 32 bits.
 *
 * <p>The input is a function of the index, so that it need not be kept.
 */
public final class LargeParity {
  private static final DropoutSpec SPEC = DropoutSpec.of(0.3);
  private static final MaskKey KEY = new MaskKey(0x0123_4567_89AB_CDEFL, 0xFEDC_BA98_7654_3210L);

  /** Elements compared at once; a multiple of 8, for masks. */
  private static final long CHUNK = 1 << 22;

  /** {@code CUDA_ERROR_OUT_OF_MEMORY}. */
  private static final int OUT_OF_MEMORY = 2;

  private final Gpu gpu;
  private final CudaStream stream;
  private final CudaDropout dropout = CudaDropout.of(SPEC);
  private final Dropout reference = Dropout.of(SPEC, BackendId.SCALAR);
  private int skipped;

  private LargeParity(Gpu gpu, CudaStream stream) {
    this.gpu = gpu;
    this.stream = stream;
  }

  /**
   * Runs the comparisons, prints a line for each, and throws at the first difference.
   *
   * @param args elements of each type, and of the tensor of f16 beyond 32 bits, 0 for none
   */
  public static void main(String[] args) {
    if (args.length != 2) {
      throw new IllegalArgumentException("wants: ELEMENTS ELEMENTS_BEYOND_32_BITS");
    }
    long elements = Long.parseLong(args[0]);
    long beyond = Long.parseLong(args[1]);
    Gpu gpu = Gpu.open();
    try (CudaStream stream = CudaStream.create(gpu.device())) {
      LargeParity parity = new LargeParity(gpu, stream);
      for (ElementType type : ElementType.values()) {
        parity.run("forward " + type.label(), elements, () -> parity.forward(type, elements));
      }
      parity.run("mask", elements, () -> parity.mask(elements, all(elements)));
      if (beyond > 0) {
        parity.run("forward f16 in place", beyond, () -> parity.inPlace(beyond));
        parity.run("mask", beyond, () -> parity.mask(beyond, sampled(beyond)));
      }
      System.out.println(
          "equal to the scalar backend, "
              + elements
              + " elements a type"
              + (beyond > 0 ? ", samples of " + beyond : "")
              + (parity.skipped > 0 ? "; NOT RUN for want of memory: " + parity.skipped : ""));
    }
  }

  private void run(String name, long elements, Runnable comparison) {
    long start = System.nanoTime();
    try {
      comparison.run();
      System.out.printf(
          "%s, %d elements: equal, %.1f s%n", name, elements, (System.nanoTime() - start) / 1e9);
    } catch (CudaException e) {
      if (e.status() != OUT_OF_MEMORY) {
        throw e;
      }
      skipped++;
      System.out.printf("%s, %d elements: NOT RUN: %s%n", name, elements, e.getMessage());
    }
  }

  /** Computes all elements in one launch, out of place. */
  private void forward(ElementType type, long count) {
    long bytes = count * type.bytes();
    try (DeviceBuffer input = DeviceBuffer.allocate(gpu.device(), bytes);
        DeviceBuffer output = DeviceBuffer.allocate(gpu.device(), bytes)) {
      upload(type, input.address(), all(count));
      DeviceElements to = output.elements(type, count);
      gpu.fill(to.address(), (byte) 0x5A, bytes, stream.handle());
      dropout.forward(input.elements(type, count), to, KEY, 0, stream.handle());
      stream.synchronize();
      compare(type, to.address(), all(count));
    }
  }

  /** Only the samples get values and are compared; the rest of the memory is what it was. */
  private void inPlace(long count) {
    ElementType type = ElementType.F16;
    try (DeviceBuffer buffer = DeviceBuffer.allocate(gpu.device(), count * type.bytes())) {
      upload(type, buffer.address(), sampled(count));
      DeviceElements place = buffer.elements(type, count);
      dropout.forward(place, place, KEY, 0, stream.handle());
      stream.synchronize();
      compare(type, buffer.address(), sampled(count));
    }
  }

  private void mask(long count, Chunks chunks) {
    try (DeviceBuffer buffer = DeviceBuffer.allocate(gpu.device(), PackedMask.bytesFor(count))) {
      gpu.fill(buffer.address(), (byte) 0x5A, buffer.byteSize(), stream.handle());
      dropout.mask(buffer.mask(count), KEY, 0, stream.handle());
      stream.synchronize();
      chunks.forEach((from, elements) -> {
        PackedMask expected = PackedMask.allocate(elements);
        reference.mask(expected, KEY, from);
        try (Arena arena = Arena.ofConfined()) {
          long bytes = PackedMask.bytesFor(elements);
          MemorySegment actual =
              gpu.download(buffer.address() + from / Byte.SIZE, bytes, stream.handle(), arena);
          long mismatch = actual.mismatch(expected.bytes().asSlice(0, bytes));
          check(mismatch, "mask", from + Byte.SIZE * mismatch);
        }
      });
    }
  }

  private void upload(ElementType type, long address, Chunks chunks) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(CHUNK * type.bytes(), Long.BYTES);
      chunks.forEach((from, elements) -> {
        MemorySegment part = memory.asSlice(0, elements * type.bytes());
        IndexedValues.write(type, from, part);
        gpu.upload(part, address + from * type.bytes(), stream.handle());
      });
    }
  }

  private void compare(ElementType type, long address, Chunks chunks) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(CHUNK * type.bytes(), Long.BYTES);
      chunks.forEach((from, elements) -> {
        MemorySegment expected = memory.asSlice(0, elements * type.bytes());
        IndexedValues.write(type, from, expected);
        Elements place = Elements.of(type, expected);
        reference.forward(place, place, KEY, from);
        try (Arena ofChunk = Arena.ofConfined()) {
          MemorySegment actual =
              gpu.download(
                  address + from * type.bytes(), expected.byteSize(), stream.handle(), ofChunk);
          long mismatch = actual.mismatch(expected);
          check(mismatch, type.label(), from + mismatch / type.bytes());
        }
      });
    }
  }

  private static void check(long mismatch, String what, long element) {
    if (mismatch >= 0) {
      throw new IllegalStateException(what + " differs at element " + element);
    }
  }

  /** What is compared of a tensor: these chunks of it. */
  private record Chunks(long count, List<Long> indices) {
    @FunctionalInterface
    interface Visitor {
      void visit(long from, long elements);
    }

    void forEach(Visitor visitor) {
      for (long index : indices) {
        visitor.visit(index * CHUNK, Math.min(CHUNK, count - index * CHUNK));
      }
    }
  }

  private static Chunks all(long count) {
    return new Chunks(count, LongStream.rangeClosed(0, last(count)).boxed().toList());
  }

  /** The last chunk, those about 2^31 and 2^32, and one of every 64. */
  private static Chunks sampled(long count) {
    LongStream about =
        LongStream.of(1L << 31, 1L << 32)
            .map(bound -> bound / CHUNK)
            .flatMap(chunk -> LongStream.of(chunk - 1, chunk));
    LongStream spread = LongStream.rangeClosed(0, last(count) / 64).map(i -> 64 * i);
    return new Chunks(
        count,
        LongStream.concat(LongStream.concat(about, spread), LongStream.of(last(count)))
            .filter(chunk -> chunk <= last(count))
            .distinct()
            .boxed()
            .toList());
  }

  private static long last(long count) {
    return (count - 1) / CHUNK;
  }
}
