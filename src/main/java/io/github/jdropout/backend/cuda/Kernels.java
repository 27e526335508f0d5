package io.github.jdropout.backend.cuda;

import io.github.jdropout.backend.cuda.driver.KernelArguments;
import io.github.jdropout.rng.KeepThreshold;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Launches the kernels: fills their arguments, laid out as in {@code cuda/arguments.cuh}, and
 * chooses the grid.
 *
 * <p>Everything is queued on the caller's stream and nothing waits. The context must be current,
 * and the arguments checked. Where the mask needs no random bits, the driver's own copy or fill is
 * queued instead.
 */
final class Kernels {
  /** Sizes and places of the structures. */
  private static final int RANGE_BYTES = 48;

  private static final int MASK_OUTPUT_BYTES = 24;
  private static final int DRAW_BYTES = 96;
  private static final int DEVICE_KEY_DRAW_BYTES = 24;
  private static final int MAX_OUTER_RUNS = 61;
  private static final int SHARING_BYTES = 48 + 16 * MAX_OUTER_RUNS;
  private static final int LARGEST = RANGE_BYTES + DRAW_BYTES + SHARING_BYTES;

  /** Bytes of an aligned access. */
  static final int ACCESS_BYTES = 16;

  /** Accesses of a thread, and bits of a thread that writes a mask. */
  private static final int ACCESSES = 4;

  private static final int MASK_BITS = 32;

  /** One per thread, because a launch copies them before it returns. */
  private static final ThreadLocal<KernelArguments> ARGUMENTS =
      ThreadLocal.withInitial(() -> new KernelArguments(LARGEST));

  private final CudaContext context;
  private final LaunchConfig config;

  Kernels(CudaContext context, LaunchConfig config) {
    this.context = context;
    this.config = config;
  }

  CudaContext context() {
    return context;
  }

  /** Returns the calling thread's arguments, large enough for every kernel. */
  static KernelArguments arguments() {
    return ARGUMENTS.get();
  }

  /** Makes what the calling thread needs for launches, so that no launch has to. */
  void prepareThread() {
    ARGUMENTS.get();
  }

  /**
   * Where the elements of a launch are.
   *
   * @param input address of the first
   * @param output address of the first
   */
  record Place(ElementType type, long input, long output, long count) {
    long byteSize() {
      return count * type.bytes();
    }
  }

  /**
   * Which mask a launch draws.
   *
   * @param key null if it is in device memory
   * @param address of seed and stream in device memory, if it is there
   */
  record Key(MaskKey key, long address) {
    boolean isOnDevice() {
      return key == null;
    }
  }

  void forward(DropoutSpec spec, Key key, long firstIndex, Place place, long stream) {
    if (queuesTrivial(spec, place, stream)) {
      return;
    }
    KernelArguments arguments = ARGUMENTS.get();
    // The kernel counts from where a quad begins, so that a thread never needs two.
    writeRange(arguments, spec.scale(), spec.scaleF32(), place, firstIndex & 7);
    writeDraw(arguments, RANGE_BYTES, spec.threshold(), key, firstIndex >>> 3);
    launch(Operator.FORWARD, key.isOnDevice(), place, arguments, stream);
  }

  void forwardShared(
      DropoutSpec spec, Key key, MaskShape shape, long firstIndex, Place place, long stream) {
    if (queuesTrivial(spec, place, stream)) {
      return;
    }
    KernelArguments arguments = ARGUMENTS.get();
    writeRange(arguments, spec.scale(), spec.scaleF32(), place, lead(place));
    int end = writeDraw(arguments, RANGE_BYTES, spec.threshold(), key, 0);
    writeSharing(arguments.structure(), end, shape, firstIndex);
    launch(Operator.SHARED, key.isOnDevice(), place, arguments, stream);
  }

  void applyMask(DropoutSpec spec, long mask, Place place, long stream) {
    if (place.count == 0) {
      return;
    }
    if (spec.threshold() == KeepThreshold.KEEP_NONE) {
      fill(place.output, (byte) 0, place.byteSize(), stream);
      return;
    }
    KernelArguments arguments = ARGUMENTS.get();
    writeRange(arguments, spec.scale(), spec.scaleF32(), place, lead(place));
    arguments.structure().set(ValueLayout.JAVA_LONG, RANGE_BYTES, mask);
    arguments.structure().set(ValueLayout.JAVA_LONG, RANGE_BYTES + 8, 0);
    launch(Operator.APPLY, false, place, arguments, stream);
  }

  void scale(double factor, Place place, long stream) {
    if (place.count == 0) {
      return;
    }
    if (factor == 1) {
      copy(place, stream);
      return;
    }
    KernelArguments arguments = ARGUMENTS.get();
    writeRange(arguments, factor, (float) factor, place, lead(place));
    launch(Operator.SCALE, false, place, arguments, stream);
  }

  void mask(DropoutSpec spec, Key key, long firstIndex, long output, long count, long stream) {
    if (count == 0) {
      return;
    }
    int threshold = spec.threshold();
    if (threshold == KeepThreshold.KEEP_NONE || threshold == KeepThreshold.KEEP_ALL) {
      fillMask(threshold == KeepThreshold.KEEP_ALL, output, count, stream);
      return;
    }
    KernelArguments arguments = ARGUMENTS.get();
    MemorySegment structure = arguments.structure();
    structure.set(ValueLayout.JAVA_LONG, 0, output);
    structure.set(ValueLayout.JAVA_LONG, 8, count);
    structure.set(ValueLayout.JAVA_INT, 16, (int) (firstIndex & 7));
    structure.set(ValueLayout.JAVA_INT, 20, output % Integer.BYTES == 0 ? 1 : 0);
    writeDraw(arguments, MASK_OUTPUT_BYTES, threshold, key, firstIndex >>> 3);
    launch(Operator.MASK, ElementType.F32, key.isOnDevice(), count, MASK_BITS, arguments, stream);
  }

  /** Adds to the stream of a key in device memory. */
  void advance(long keyAddress, long increment, long stream) {
    KernelArguments arguments = ARGUMENTS.get();
    arguments.structure().set(ValueLayout.JAVA_LONG, 0, keyAddress);
    arguments.structure().set(ValueLayout.JAVA_LONG, 8, increment);
    ElementType any = ElementType.F32;
    context.launch(
        context.function(Operator.STREAM, any, false),
        Operator.STREAM.kernel(any, false),
        1,
        1,
        stream,
        arguments,
        1);
  }

  /** Queues what needs no kernel; returns whether there was nothing else to do. */
  private boolean queuesTrivial(DropoutSpec spec, Place place, long stream) {
    if (place.count == 0) {
      return true;
    }
    switch (spec.threshold()) {
      case KeepThreshold.KEEP_NONE -> fill(place.output, (byte) 0, place.byteSize(), stream);
      case KeepThreshold.KEEP_ALL -> copy(place, stream);
      default -> {
        return false;
      }
    }
    return true;
  }

  private void copy(Place place, long stream) {
    if (place.input != place.output) {
      context.check(
          context.driver().copyOnDevice(place.output, place.input, place.byteSize(), stream),
          "cuMemcpyDtoDAsync");
    }
  }

  private void fill(long address, byte value, long bytes, long stream) {
    context.check(context.driver().fill(address, value, bytes, stream), "cuMemsetD8Async");
  }

  private void fillMask(boolean isKept, long output, long count, long stream) {
    long bytes = PackedMask.bytesFor(count);
    int rest = (int) (count & 7);
    if (!isKept || rest == 0) {
      fill(output, (byte) (isKept ? -1 : 0), bytes, stream);
      return;
    }
    if (bytes > 1) {
      fill(output, (byte) -1, bytes - 1, stream);
    }
    fill(output + bytes - 1, (byte) ((1 << rest) - 1), 1, stream);
  }

  private void launch(
      Operator operator,
      boolean hasDeviceKey,
      Place place,
      KernelArguments arguments,
      long stream) {
    int perThread = ACCESSES * ACCESS_BYTES / place.type.bytes();
    launch(operator, place.type, hasDeviceKey, place.count, perThread, arguments, stream);
  }

  private void launch(
      Operator operator,
      ElementType type,
      boolean hasDeviceKey,
      long count,
      int perThread,
      KernelArguments arguments,
      long stream) {
    context.launch(
        context.function(operator, type, hasDeviceKey),
        operator.kernel(type, hasDeviceKey),
        // Up to 7 elements before the first may belong to the range.
        config.blocks(count + 7, perThread),
        config.threads(),
        stream,
        arguments,
        count);
  }

  /** Returns how many elements before the first one the address is a multiple of an access. */
  private static long lead(Place place) {
    return (place.input & (ACCESS_BYTES - 1)) / place.type.bytes();
  }

  /**
   * Writes a {@code Range}.
   *
   * @param begin how far before the first element counting starts, in [0, 8)
   */
  private static void writeRange(
      KernelArguments arguments, double scale, float scaleF32, Place place, long begin) {
    long input = place.input - begin * place.type.bytes();
    long output = place.output - begin * place.type.bytes();
    boolean isVector = ((input | output) & (ACCESS_BYTES - 1)) == 0;
    MemorySegment structure = arguments.structure();
    structure.set(ValueLayout.JAVA_LONG, 0, input);
    structure.set(ValueLayout.JAVA_LONG, 8, output);
    structure.set(ValueLayout.JAVA_LONG, 16, begin);
    structure.set(ValueLayout.JAVA_LONG, 24, begin + place.count);
    structure.set(ValueLayout.JAVA_DOUBLE, 32, scale);
    structure.set(ValueLayout.JAVA_FLOAT, 40, scaleF32);
    structure.set(ValueLayout.JAVA_INT, 44, isVector ? 1 : 0);
  }

  /**
   * Writes a {@code Draw} or a {@code DeviceKeyDraw}; returns where it ends.
   *
   * @param keepThreshold T, below 65536
   */
  static int writeDraw(
      KernelArguments arguments, int offset, int keepThreshold, Key key, long firstQuad) {
    MemorySegment structure = arguments.structure();
    int threshold = keepThreshold << 16;
    if (key.isOnDevice()) {
      structure.set(ValueLayout.JAVA_LONG, offset, key.address);
      structure.set(ValueLayout.JAVA_LONG, offset + 8, firstQuad);
      structure.set(ValueLayout.JAVA_INT, offset + 16, threshold);
      return offset + DEVICE_KEY_DRAW_BYTES;
    }
    PhiloxSchedule.write(key.key, structure, offset);
    structure.set(ValueLayout.JAVA_INT, offset + 80, threshold);
    structure.set(ValueLayout.JAVA_LONG, offset + 88, firstQuad);
    return offset + DRAW_BYTES;
  }

  /** Writes a {@code Sharing}. */
  private static void writeSharing(
      MemorySegment structure, int offset, MaskShape shape, long firstIndex) {
    int run = shape.runCount() - 1;
    long inner = run >= 0 && !shape.isRunShared(run) ? shape.runLength(run--) : 1;
    long shared = run >= 0 ? shape.runLength(run--) : 1;
    structure.set(ValueLayout.JAVA_LONG, offset, firstIndex);
    writeDivisor(structure, offset + 8, inner);
    writeDivisor(structure, offset + 24, shared);
    structure.set(ValueLayout.JAVA_INT, offset + 40, run + 1);
    for (int at = offset + 48; run >= 0; run--, at += 16) {
      writeDivisor(structure, at, shape.runLength(run));
    }
  }

  static void writeDivisor(MemorySegment structure, long offset, long value) {
    structure.set(ValueLayout.JAVA_LONG, offset, value);
    structure.set(ValueLayout.JAVA_LONG, offset + 8, Divisor.magic(value));
  }
}
