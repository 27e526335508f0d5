package io.github.jdropout.backend.cuda;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.DropoutBackend;
import io.github.jdropout.rng.KeepThreshold;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import java.lang.foreign.MemorySegment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * Dropout on a GPU for data in the host's memory, through page-locked buffers, with copies in both
 * directions and the kernels overlapped.
 *
 * <p>What needs no random bits and no arithmetic – all kept, all dropped – the host does itself.
 */
final class StagedBackend implements DropoutBackend {
  /** System property: bytes of a part of a call. Tests make it small. */
  static final String PART_PROPERTY = "jdropout.cuda.stagingBytes";

  /** Long enough for the bus, short enough to overlap early. */
  private static final long PART_BYTES = 4 << 20;

  /** Parts begin at whole words of a mask, and sectors of memory. */
  private static final long PART_MULTIPLE = 1024;

  private static final long LARGEST_PART_BYTES = 1 << 30;

  private final Cuda cuda;
  private final CudaDevice device;
  private final String description;
  private final long partBytes;

  /** Buffers of calls that are done, as many as ever ran at once. */
  private final Queue<Staging> idle = new ConcurrentLinkedQueue<>();

  /**
   * Creates it without a context: that takes memory of the GPU, which a JVM that only looks for
   * backends must not cost.
   */
  StagedBackend(Cuda cuda, CudaDevice device) {
    this.cuda = cuda;
    this.device = device;
    this.description = device.summary() + " through " + cuda.driver().description();
    this.partBytes = partBytes();
  }

  /**
   * Returns the bytes of a part that the property names, else the usual ones.
   *
   * @throws IllegalArgumentException if the property's value is none
   */
  static long partBytes() {
    String value = System.getProperty(PART_PROPERTY);
    if (value == null) {
      return PART_BYTES;
    }
    long bytes;
    try {
      bytes = Long.parseLong(value);
    } catch (NumberFormatException e) {
      bytes = 0;
    }
    if (bytes < PART_MULTIPLE || bytes > LARGEST_PART_BYTES || bytes % PART_MULTIPLE != 0) {
      throw new IllegalArgumentException(
          "-D"
              + PART_PROPERTY
              + " must be a multiple of "
              + PART_MULTIPLE
              + " in ["
              + PART_MULTIPLE
              + ", "
              + LARGEST_PART_BYTES
              + "] but is "
              + value);
    }
    return bytes;
  }

  private CudaContext context() {
    return cuda.primary(device);
  }

  @Override
  public BackendId id() {
    return BackendId.CUDA;
  }

  @Override
  public String description() {
    return description;
  }

  /** Queues the kernel of one part, whose elements are computed in place. */
  @FunctionalInterface
  private interface Launch {
    void run(Staging staging, Staging.Slot slot, Kernels.Place place, long from);
  }

  @Override
  public void forward(
      DropoutSpec spec, MaskKey key, long firstIndex, Elements input, Elements output) {
    if (isDoneByHost(spec.threshold(), input, output)) {
      return;
    }
    Kernels.Key mask = new Kernels.Key(key, 0);
    throughDevice(
        Operator.FORWARD,
        input,
        output,
        // The device's copy begins as far into a quad as the part does, so that both are aligned.
        firstIndex & 7,
        (staging, slot, place, from) ->
            staging.kernels().forward(spec, mask, firstIndex + from, place, slot.stream()));
  }

  @Override
  public void forwardShared(
      DropoutSpec spec,
      MaskKey key,
      MaskShape shape,
      long firstIndex,
      Elements input,
      Elements output) {
    if (isDoneByHost(spec.threshold(), input, output)) {
      return;
    }
    Kernels.Key mask = new Kernels.Key(key, 0);
    throughDevice(
        Operator.SHARED,
        input,
        output,
        0,
        (staging, slot, place, from) ->
            staging
                .kernels()
                .forwardShared(spec, mask, shape, firstIndex + from, place, slot.stream()));
  }

  @Override
  public void applyMask(DropoutSpec spec, PackedMask mask, Elements input, Elements output) {
    if (spec.threshold() == KeepThreshold.KEEP_NONE) {
      output.segment().fill((byte) 0);
      return;
    }
    throughDevice(
        Operator.APPLY,
        input,
        output,
        0,
        (staging, slot, place, from) -> {
          long bytes = PackedMask.bytesFor(place.count());
          MemorySegment.copy(mask.bytes(), from >>> 3, slot.upload(), partBytes, bytes);
          staging.copyUp(slot, partBytes, slot.mask(), bytes);
          staging.kernels().applyMask(spec, slot.mask(), place, slot.stream());
        });
  }

  @Override
  public void scale(double factor, Elements input, Elements output) {
    if (factor == 1) {
      copy(input, output);
      return;
    }
    throughDevice(
        Operator.SCALE,
        input,
        output,
        0,
        (staging, slot, place, from) -> staging.kernels().scale(factor, place, slot.stream()));
  }

  @Override
  public void mask(DropoutSpec spec, MaskKey key, long firstIndex, PackedMask output) {
    Kernels.Key mask = new Kernels.Key(key, 0);
    long partElements = partBytes / Staging.BYTES_PER_MASK_BYTE * Byte.SIZE;
    withStaging(
        Operator.MASK,
        ElementType.F32,
        output.count(),
        staging ->
            staging.run(
                output.count(),
                partElements,
                (slot, from, count) -> {
                  staging
                      .kernels()
                      .mask(spec, mask, firstIndex + from, slot.mask(), count, slot.stream());
                  staging.copyDown(slot, slot.mask(), PackedMask.bytesFor(count));
                },
                (slot, from, count) ->
                    MemorySegment.copy(
                        slot.download(),
                        0,
                        output.bytes(),
                        from >>> 3,
                        PackedMask.bytesFor(count))));
  }

  /**
   * Computes elements part by part.
   *
   * @param lead how many elements into an aligned access each part begins, in [0, 8)
   */
  private void throughDevice(
      Operator operator, Elements input, Elements output, long lead, Launch launch) {
    int bytes = input.type().bytes();
    MemorySegment source = input.segment();
    MemorySegment target = output.segment();
    withStaging(
        operator,
        input.type(),
        input.count(),
        staging ->
            staging.run(
                input.count(),
                partBytes / bytes,
                (slot, from, count) -> {
                  long device = slot.device() + lead * bytes;
                  MemorySegment.copy(source, from * bytes, slot.upload(), 0, count * bytes);
                  staging.copyUp(slot, 0, device, count * bytes);
                  launch.run(
                      staging, slot, new Kernels.Place(input.type(), device, device, count), from);
                  staging.copyDown(slot, device, count * bytes);
                },
                (slot, from, count) ->
                    MemorySegment.copy(slot.download(), 0, target, from * bytes, count * bytes)));
  }

  private void withStaging(
      Operator operator, ElementType type, long elementCount, Consumer<Staging> work) {
    if (elementCount == 0) {
      return;
    }
    CudaContext context = context();
    context.function(operator, type, false); // Loading takes a lock, so not between push and pop.
    context.push();
    Staging staging = idle.poll(); // After push: what it takes away here, it must bring back.
    try {
      if (staging == null) {
        staging = new Staging(context, partBytes);
      }
      work.accept(staging);
    } catch (RuntimeException | Error e) {
      if (staging != null) {
        staging.close(); // Work may still be under way in it.
      }
      throw e;
    } finally {
      context.pop();
    }
    idle.add(staging);
  }

  private static boolean isDoneByHost(int threshold, Elements input, Elements output) {
    switch (threshold) {
      case KeepThreshold.KEEP_NONE -> output.segment().fill((byte) 0);
      case KeepThreshold.KEEP_ALL -> copy(input, output);
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void copy(Elements input, Elements output) {
    if (!input.isSamePlaceAs(output)) {
      output.segment().copyFrom(input.segment());
    }
  }
}
