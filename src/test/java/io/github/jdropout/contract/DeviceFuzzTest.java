package io.github.jdropout.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.jdropout.backend.BackendId;
import io.github.jdropout.backend.cuda.CudaDevice;
import io.github.jdropout.backend.cuda.CudaDropout;
import io.github.jdropout.backend.cuda.CudaStream;
import io.github.jdropout.backend.cuda.CudaSupport;
import io.github.jdropout.backend.cuda.DeviceBuffer;
import io.github.jdropout.backend.cuda.DeviceKey;
import io.github.jdropout.oracle.OracleMask;
import io.github.jdropout.spec.DeviceElements;
import io.github.jdropout.spec.DeviceMask;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.MaskShape;
import io.github.jdropout.spec.PackedMask;
import io.github.jdropout.testing.Backends;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random calls on device memory, with keys of the host and of the device; a failure names the seed
 * that repeats it.
 *
 * <p>Addresses have every alignment that their type may have, inputs and outputs each their own,
 * and are surrounded by canaries or by nothing; half of them suit the aligned path. So that path,
 * its edges and the path for the rest all meet every operation.
 */
class DeviceFuzzTest {
  /** Of each operation; whoever runs the test many times may want fewer. */
  private static final int CASES = Integer.getInteger("jdropout.test.cases", 120);

  private static final int LARGEST = 5000;

  /** Elements before and after those of a call, unless these end where their memory does. */
  private static final int CANARIES = 40;

  @BeforeEach
  void backendIsThere() {
    Backends.assumeAvailable(BackendId.CUDA);
  }

  enum Operation {
    FORWARD,
    BACKWARD,
    SHARED,
    SHARED_BACKWARD,
    MASK,
    APPLY_MASK,
    INFER
  }

  @ParameterizedTest
  @EnumSource
  void randomCallsFollowTheOracle(Operation operation) {
    CudaDevice device = CudaSupport.devices().getFirst();
    try (CudaStream stream = CudaStream.create(device)) {
      for (int seed = 0; seed < CASES; seed++) {
        new Call(operation, seed, device).check(stream);
      }
    }
  }

  private static final class Call {
    private final Operation operation;
    private final SplittableRandom random;
    private final CudaDevice device;
    private final DropoutSpec spec;
    private final ElementType type;
    private final MaskKey key;
    private final MaskShape shape;
    private final int count;
    private final long first;
    private final boolean isInPlace;

    /** Whether all is where the aligned path takes it, which chance alone seldom does. */
    private final boolean isAligned;

    private final boolean hasDeviceKey;
    private final int[] lanes;
    private final String name;

    Call(Operation operation, int seed, CudaDevice device) {
      this.operation = operation;
      this.device = device;
      random = new SplittableRandom(37L * seed + operation.name().hashCode());
      double p = new double[] {0, 1, 1e-9, 0.5, random.nextDouble()}[random.nextInt(5)];
      spec = random.nextBoolean() ? DropoutSpec.of(p) : DropoutSpec.of(p).classical();
      ElementType[] types = ElementType.values();
      type = types[random.nextInt(types.length)];
      key = new MaskKey(random.nextLong(), random.nextLong());
      boolean isShared = operation == Operation.SHARED || operation == Operation.SHARED_BACKWARD;
      shape = SharedShapes.random(random, LARGEST);
      int limit = isShared ? (int) shape.elementCount() : LARGEST;
      count = random.nextInt(limit + 1);
      first = isShared ? random.nextLong(limit - count + 1L) : first();
      isInPlace = random.nextBoolean();
      isAligned = random.nextBoolean();
      hasDeviceKey = random.nextBoolean();
      lanes = isShared ? sharedLanes() : OracleMask.lanes(key.seed(), key.stream(), first, count);
      name =
          String.format(
              "%s with seed %d: %d %s from %d, %s, in place %s, key on device %s, %s",
              operation, seed, count, type, first, spec, isInPlace, hasDeviceKey, shape);
    }

    private long first() {
      return switch (random.nextInt(4)) {
        case 0 -> random.nextInt(LARGEST);
        case 1 -> (1L << 35) - random.nextInt(count + 1);
        case 2 -> Long.MAX_VALUE - LARGEST - random.nextInt(70);
        default -> random.nextLong(Long.MAX_VALUE - LARGEST);
      };
    }

    private int[] sharedLanes() {
      int[] decisions =
          OracleMask.lanes(key.seed(), key.stream(), 0, (int) shape.maskElementCount());
      return LongStream.range(first, first + count)
          .mapToInt(element -> decisions[(int) SharedShapes.maskIndex(shape, element)])
          .toArray();
    }

    void check(CudaStream stream) {
      try (DeviceKey deviceKey = DeviceKey.of(device, key)) {
        if (operation == Operation.MASK) {
          checkMask(stream, deviceKey);
        } else {
          checkElements(stream, deviceKey);
        }
      }
    }

    private byte[] packed() {
      int threshold = OracleMask.threshold(spec.p());
      int[] keep = Arrays.stream(lanes).map(lane -> lane < threshold ? 1 : 0).toArray();
      return GuardedMask.pack(keep, count);
    }

    private void checkMask(CudaStream stream, DeviceKey deviceKey) {
      byte[] expected = packed();
      byte[] bytes = new byte[expected.length + 2 * CANARIES];
      Arrays.fill(bytes, (byte) 0x5A);
      int at = CANARIES - random.nextInt(9);
      try (DeviceBuffer buffer = DeviceBuffer.allocate(device, bytes.length)) {
        buffer.copyFrom(MemorySegment.ofArray(bytes));
        DeviceMask output = new DeviceMask(buffer.address() + at, count);
        CudaDropout dropout = CudaDropout.of(spec, device);
        if (hasDeviceKey) {
          dropout.mask(output, deviceKey, first, stream.handle());
        } else {
          dropout.mask(output, key, first, stream.handle());
        }
        stream.synchronize();
        System.arraycopy(expected, 0, bytes, at, expected.length);
        byte[] actual = new byte[bytes.length];
        buffer.copyTo(MemorySegment.ofArray(actual));
        assertArrayEquals(bytes, actual, name);
      }
    }

    private void checkElements(CudaStream stream, DeviceKey deviceKey) {
      long[] source = Patterns.inputs(type, count);
      try (Cells input = new Cells(source);
          Cells other = new Cells(Patterns.poison(type, count));
          DeviceBuffer mask =
              DeviceBuffer.allocate(device, PackedMask.bytesFor(count) + 1 + random.nextInt(8))) {
        Cells output = isInPlace ? input : other;
        run(input.elements(), output.elements(), deviceKey, mask, stream.handle());
        stream.synchronize();
        Expectation expected = new Expectation(type, spec, source);
        long[] actual = output.bits();
        assertNull(
            switch (operation) {
              case INFER -> expected.firstDifferenceAtInference(actual);
              case APPLY_MASK -> expected.firstDifferenceOfGivenMask(lanes, actual);
              default -> expected.firstDifference(lanes, actual);
            },
            name);
        if (!isInPlace) {
          assertArrayEquals(source, input.bits(), name);
        }
        input.checkCanaries();
        other.checkCanaries();
      }
    }

    private void run(
        DeviceElements input,
        DeviceElements output,
        DeviceKey deviceKey,
        DeviceBuffer mask,
        long stream) {
      CudaDropout dropout = CudaDropout.of(spec, device);
      switch (operation) {
        case FORWARD -> {
          if (hasDeviceKey) {
            dropout.forward(input, output, deviceKey, first, stream);
          } else {
            dropout.forward(input, output, key, first, stream);
          }
        }
        case BACKWARD -> {
          if (hasDeviceKey) {
            dropout.backward(input, output, deviceKey, first, stream);
          } else {
            dropout.backward(input, output, key, first, stream);
          }
        }
        case SHARED -> {
          if (hasDeviceKey) {
            dropout.forward(input, output, deviceKey, shape, first, stream);
          } else {
            dropout.forward(input, output, key, shape, first, stream);
          }
        }
        case SHARED_BACKWARD -> {
          if (hasDeviceKey) {
            dropout.backward(input, output, deviceKey, shape, first, stream);
          } else {
            dropout.backward(input, output, key, shape, first, stream);
          }
        }
        case APPLY_MASK -> {
          byte[] bytes = new byte[(int) mask.byteSize()];
          int at = bytes.length - packed().length; // It ends where its memory does.
          System.arraycopy(packed(), 0, bytes, at, packed().length);
          mask.copyFrom(MemorySegment.ofArray(bytes));
          dropout.applyMask(new DeviceMask(mask.address() + at, count), input, output, stream);
        }
        case INFER -> dropout.infer(input, output, stream);
        case MASK -> throw new AssertionError(name);
      }
    }

    /** Elements in device memory, at a random place between canaries. */
    private final class Cells implements AutoCloseable {
      private final DeviceBuffer buffer;
      private final int at;
      private final long[] canaries;

      Cells(long[] bits) {
        // A driver that checks sees reads outside of an allocation, which no canary does.
        at = isAligned ? 32 + (int) (first & 7) : placeOfAnyAlignment();
        int after = random.nextInt(3) == 0 ? 0 : CANARIES;
        canaries = Patterns.poison(type, Math.max(at + count + after, 1));
        long[] all = canaries.clone();
        System.arraycopy(bits, 0, all, at, count);
        buffer = DeviceBuffer.allocate(device, (long) all.length * type.bytes());
        MemorySegment host = MemorySegment.ofArray(new byte[all.length * type.bytes()]);
        for (int i = 0; i < all.length; i++) {
          set(host, i, all[i]);
        }
        buffer.copyFrom(host);
      }

      private int placeOfAnyAlignment() {
        return random.nextInt(3) == 0 ? 0 : CANARIES - random.nextInt(17);
      }

      DeviceElements elements() {
        return new DeviceElements(type, buffer.address() + (long) at * type.bytes(), count);
      }

      long[] bits() {
        return Arrays.copyOfRange(all(), at, at + count);
      }

      void checkCanaries() {
        long[] all = all();
        System.arraycopy(canaries, at, all, at, count);
        assertArrayEquals(canaries, all, name);
      }

      private long[] all() {
        MemorySegment host = MemorySegment.ofArray(new byte[canaries.length * type.bytes()]);
        buffer.copyTo(host);
        long[] all = new long[canaries.length];
        for (int i = 0; i < all.length; i++) {
          all[i] = get(host, i);
        }
        return all;
      }

      private void set(MemorySegment host, int index, long bits) {
        switch (type.bytes()) {
          case 2 -> host.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * index, (short) bits);
          case 4 -> host.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * index, (int) bits);
          default -> host.set(ValueLayout.JAVA_LONG_UNALIGNED, 8L * index, bits);
        }
      }

      private long get(MemorySegment host, int index) {
        return switch (type.bytes()) {
          case 2 -> host.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * index) & 0xFFFFL;
          case 4 -> host.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * index) & 0xFFFFFFFFL;
          default -> host.get(ValueLayout.JAVA_LONG_UNALIGNED, 8L * index);
        };
      }

      @Override
      public void close() {
        buffer.close();
      }
    }
  }
}
