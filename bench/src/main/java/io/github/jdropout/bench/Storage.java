package io.github.jdropout.bench;

import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Where elements lie. */
public enum Storage {
  /** An array of the element's own type. */
  ARRAY {
    @Override
    Elements allocate(ElementType type, int count) {
      return switch (type) {
        case F32 -> Elements.of(new float[count]);
        case F64 -> Elements.of(new double[count]);
        case F16 -> Elements.ofF16(new short[count]);
        case BF16 -> Elements.ofBf16(new short[count]);
      };
    }
  },
  /** Native memory, aligned to a cache line. */
  NATIVE {
    @Override
    Elements allocate(ElementType type, int count) {
      MemorySegment memory = Arena.ofAuto().allocate((long) count * type.bytes(), 64);
      return Elements.of(type, memory);
    }
  };

  abstract Elements allocate(ElementType type, int count);
}
