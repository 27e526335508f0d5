package io.github.jdropout.contract;

import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Places where a test's elements lie: surrounded by canaries, at awkward alignments. */
enum Storage {
  /** A range in the middle of an array of the type. */
  ARRAY {
    @Override
    Cells allocate(ElementType type, long[] bits) {
      int total = bits.length + 2 * Cells.GUARD + 1;
      MemorySegment whole =
          switch (type) {
            case F32 -> MemorySegment.ofArray(new float[total]);
            case F64 -> MemorySegment.ofArray(new double[total]);
            case F16, BF16 -> MemorySegment.ofArray(new short[total]);
          };
      return new Cells(type, whole, (Cells.GUARD + 1L) * type.bytes(), bits);
    }
  },
  /** Native memory at an odd address. */
  NATIVE_ODD {
    @Override
    Cells allocate(ElementType type, long[] bits) {
      long bytes = (bits.length + 2L * Cells.GUARD) * type.bytes() + 1;
      MemorySegment whole = Arena.ofAuto().allocate(bytes, 64);
      return new Cells(type, whole, (long) Cells.GUARD * type.bytes() + 1, bits);
    }
  },
  /** A byte array, at an odd offset. */
  HEAP_BYTES {
    @Override
    Cells allocate(ElementType type, long[] bits) {
      int bytes = (bits.length + 2 * Cells.GUARD) * type.bytes() + 3;
      MemorySegment whole = MemorySegment.ofArray(new byte[bytes]);
      return new Cells(type, whole, (long) Cells.GUARD * type.bytes() + 3, bits);
    }
  };

  abstract Cells allocate(ElementType type, long[] bits);

  /** Elements between two guards. */
  static final class Cells {
    static final int GUARD = 67;
    private static final byte CANARY = (byte) 0xA5;

    private final ElementType type;
    private final MemorySegment whole;
    private final long start;
    private final int count;

    private Cells(ElementType type, MemorySegment whole, long start, long[] bits) {
      this.type = type;
      this.whole = whole;
      this.start = start;
      this.count = bits.length;
      whole.fill(CANARY);
      // Through an array: access to segments of every kind, one element at a time, is slow.
      byte[] bytes = new byte[count * type.bytes()];
      ByteBuffer buffer = buffer(bytes);
      for (long element : bits) {
        switch (type) {
          case F32 -> buffer.putInt((int) element);
          case F64 -> buffer.putLong(element);
          case F16, BF16 -> buffer.putShort((short) element);
        }
      }
      MemorySegment.copy(MemorySegment.ofArray(bytes), 0, whole, start, bytes.length);
    }

    private static ByteBuffer buffer(byte[] bytes) {
      return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    Elements elements() {
      return Elements.of(type, whole.asSlice(start, (long) count * type.bytes()));
    }

    Elements readOnlyElements() {
      return Elements.of(type, whole.asSlice(start, (long) count * type.bytes()).asReadOnly());
    }

    long[] bits() {
      MemorySegment elements = whole.asSlice(start, (long) count * type.bytes());
      ByteBuffer buffer = buffer(elements.toArray(ValueLayout.JAVA_BYTE));
      long[] bits = new long[count];
      for (int i = 0; i < count; i++) {
        bits[i] =
            switch (type) {
              case F32 -> buffer.getInt() & 0xFFFFFFFFL;
              case F64 -> buffer.getLong();
              case F16, BF16 -> buffer.getShort() & 0xFFFFL;
            };
      }
      return bits;
    }

    boolean areGuardsIntact() {
      long end = start + (long) count * type.bytes();
      return isCanary(0, start) && isCanary(end, whole.byteSize());
    }

    private boolean isCanary(long from, long to) {
      for (byte value : whole.asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE)) {
        if (value != CANARY) {
          return false;
        }
      }
      return true;
    }
  }
}
