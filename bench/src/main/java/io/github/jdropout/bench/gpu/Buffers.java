package io.github.jdropout.bench.gpu;

import io.github.jdropout.backend.cuda.DeviceBuffer;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMask;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.PackedMask;

/**
 * The tensors of one type and size, several sets of them: together at least twice the second-level
 * cache, so that turning over them measures memory and not the cache.
 */
final class Buffers implements AutoCloseable {
  /** Where each tensor begins: a multiple of what the driver itself aligns memory to. */
  private static final long ALIGNMENT = 256;

  /** Input, output, and their gradients. */
  private static final long TENSORS = 4;

  private final ElementType type;
  private final long count;
  private final int sets;
  private final int maskSets;
  private final DeviceBuffer tensors;
  private final DeviceBuffer masks;

  /**
   * Allocates all sets and fills them with random values; the masks are left as they are.
   *
   * @param maxSets most sets, for tensors so small that they stay in the cache anyway
   * @throws io.github.jdropout.backend.cuda.CudaException if the device has too little memory
   */
  Buffers(Gpu gpu, ElementType type, long count, int maxSets, long stream) {
    this.type = type;
    this.count = count;
    long wanted = 2L * gpu.device().cacheBytes();
    this.sets = sets(wanted, tensorBytes(), maxSets);
    this.maskSets = sets(wanted, maskBytes(), maxSets);
    this.tensors = DeviceBuffer.allocate(gpu.device(), sets * TENSORS * tensorBytes());
    try {
      this.masks = DeviceBuffer.allocate(gpu.device(), maskSets * maskBytes());
    } catch (IllegalStateException e) {
      tensors.close();
      throw e;
    }
    RandomData.fill(gpu, type, tensors.address(), tensors.byteSize(), stream);
  }

  private static int sets(long wanted, long bytes, int maxSets) {
    return Math.clamp((wanted + bytes - 1) / bytes, 1, maxSets);
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private long tensorBytes() {
    return aligned(count * type.bytes());
  }

  private long maskBytes() {
    return aligned(PackedMask.bytesFor(count));
  }

  ElementType type() {
    return type;
  }

  long count() {
    return count;
  }

  int sets() {
    return sets;
  }

  int maskSets() {
    return maskSets;
  }

  DeviceElements input(int turn) {
    return tensor(turn, 0);
  }

  DeviceElements output(int turn) {
    return tensor(turn, 1);
  }

  DeviceElements outputGradient(int turn) {
    return tensor(turn, 2);
  }

  DeviceElements inputGradient(int turn) {
    return tensor(turn, 3);
  }

  DeviceMask mask(int turn) {
    return new DeviceMask(masks.address() + turn % maskSets * maskBytes(), count);
  }

  private DeviceElements tensor(int turn, int place) {
    long index = (long) turn % sets * TENSORS + place;
    return new DeviceElements(type, tensors.address() + index * tensorBytes(), count);
  }

  @Override
  public void close() {
    masks.close();
    tensors.close();
  }
}
