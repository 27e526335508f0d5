package io.github.jdropout.parity;

import io.github.jdropout.parity.reference.ReferenceArithmetic;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/** Elements as their bits. */
final class ElementBits {
  private static final long[] SPECIAL_F32 = {
    0x7FC00000L,
    0x7F800001L,
    0xFFC12345L,
    0x7F800000L,
    0xFF800000L,
    0,
    0x80000000L,
    1,
    0x80000001L,
    0x007FFFFFL,
    0x00800000L,
    0x3F800000L,
    0xBF800000L,
    0x7F7FFFFFL
  };

  private static final long[] SPECIAL_F64 = {
    0x7FF8000000000000L,
    0x7FF0000000000001L,
    0xFFF8123456789ABCL,
    0x7FF0000000000000L,
    0xFFF0000000000000L,
    0,
    0x8000000000000000L,
    1,
    0x8000000000000001L,
    0x000FFFFFFFFFFFFFL,
    0x0010000000000000L,
    0x3FF0000000000000L,
    0xBFF0000000000000L,
    0x7FEFFFFFFFFFFFFFL
  };

  private static final long[] SPECIAL_F16 = {
    0x7E00, 0x7C01, 0xFE12, 0x7C00, 0xFC00, 0, 0x8000, 1, 0x8001, 0x03FF, 0x0400, 0x3C00, 0xBC00,
    0x7BFF
  };

  private static final long[] SPECIAL_BF16 = {
    0x7FC0, 0x7F81, 0xFFC1, 0x7F80, 0xFF80, 0, 0x8000, 1, 0x8001, 0x007F, 0x0080, 0x3F80, 0xBF80,
    0x7F7F, 0x7FFF, 0xFFFF
  };

  private ElementBits() {}

  /** Returns NaNs (quiet, signalling, negative), infinities, zeros, denormals and limits. */
  static long[] special(ElementType type) {
    return switch (type) {
      case F32 -> SPECIAL_F32;
      case F64 -> SPECIAL_F64;
      case F16 -> SPECIAL_F16;
      case BF16 -> SPECIAL_BF16;
    };
  }

  static long get(ElementType type, MemorySegment memory, long index) {
    return switch (type) {
      case F32 -> memory.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, index) & 0xFFFFFFFFL;
      case F64 -> memory.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, index);
      case F16, BF16 -> memory.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, index) & 0xFFFFL;
    };
  }

  static void set(ElementType type, MemorySegment memory, long index, long bits) {
    switch (type) {
      case F32 -> memory.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, index, (int) bits);
      case F64 -> memory.setAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, index, bits);
      case F16, BF16 -> memory.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, index, (short) bits);
    }
  }

  /** Returns ones in an array. */
  static Elements ones(ElementType type, int count) {
    Elements ones =
        switch (type) {
          case F32 -> Elements.of(new float[count]);
          case F64 -> Elements.of(new double[count]);
          case F16 -> Elements.ofF16(new short[count]);
          case BF16 -> Elements.ofBf16(new short[count]);
        };
    for (int i = 0; i < count; i++) {
      set(type, ones.segment(), i, one(type));
    }
    return ones;
  }

  static long one(ElementType type) {
    return type == ElementType.F64
        ? Double.doubleToRawLongBits(1)
        : ReferenceArithmetic.narrow(type, 1);
  }

  /** Returns bits in hexadecimal, with all digits of the type. */
  static String hex(ElementType type, long bits) {
    return String.format(Locale.ROOT, "%0" + 2 * type.bytes() + "x", bits);
  }

  /**
   * Returns the index of the first element that differs, or -1.
   *
   * @param isExact whether a NaN equals no other NaN
   */
  static long firstDifference(
      ElementType type, MemorySegment expected, MemorySegment actual, boolean isExact) {
    long byteSize = expected.byteSize();
    long from = 0;
    while (from < byteSize) {
      long at = MemorySegment.mismatch(expected, from, byteSize, actual, from, byteSize);
      if (at < 0) {
        return -1;
      }
      long index = (from + at) / type.bytes();
      if (isExact
          || !ReferenceArithmetic.isNaN(type, get(type, expected, index))
          || !ReferenceArithmetic.isNaN(type, get(type, actual, index))) {
        return index;
      }
      from = (index + 1) * type.bytes();
    }
    return -1;
  }
}
