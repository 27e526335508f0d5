package io.github.jdropout.parity;

import io.github.jdropout.spec.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/** Where a call's memory lies; canaries are on both sides, but for whole arrays. */
enum Place {
  /** An array of the type. */
  WHOLE,
  /** In the middle of an array of the type. */
  ARRAY,
  /** In a byte array, at an odd offset. */
  BYTES,
  /** In native memory, at a multiple of 64. */
  ALIGNED,
  /** In native memory, at an odd address. */
  UNALIGNED;

  /** Elements of canaries, and an odd number. */
  private static final int GUARD = 67;

  /** Bytes of canaries of aligned memory. */
  private static final int ALIGNED_GUARD = 576;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Place parse(String label) {
    return Labels.parse("place", values(), Place::label, label);
  }

  /**
   * Returns memory with canaries around it, and poison in it.
   *
   * @param type of the elements; null for bytes
   */
  Guarded allocate(Workspace workspace, ElementType type, long byteSize) {
    int elementBytes = type == null ? 1 : type.bytes();
    int guard = GUARD * elementBytes;
    return switch (this) {
      case WHOLE -> {
        int count = Math.toIntExact(byteSize / elementBytes);
        yield new Guarded(array(type, count), 0, byteSize);
      }
      case ARRAY -> {
        int count = Math.toIntExact(byteSize / elementBytes + 2 * GUARD + 1);
        yield new Guarded(array(type, count), (long) guard + elementBytes, byteSize);
      }
      case BYTES -> {
        int bytes = Math.toIntExact(byteSize + 2L * guard + 3);
        yield new Guarded(MemorySegment.ofArray(new byte[bytes]), guard + 3L, byteSize);
      }
      case ALIGNED ->
          new Guarded(workspace.memory(byteSize + 2L * ALIGNED_GUARD), ALIGNED_GUARD, byteSize);
      case UNALIGNED -> {
        long start = (guard & ~1) + 1L;
        yield new Guarded(workspace.memory(byteSize + 2L * guard + 2), start, byteSize);
      }
    };
  }

  private static MemorySegment array(ElementType type, int count) {
    return switch (type) {
      case null -> MemorySegment.ofArray(new byte[count]);
      case F32 -> MemorySegment.ofArray(new float[count]);
      case F64 -> MemorySegment.ofArray(new double[count]);
      case F16, BF16 -> MemorySegment.ofArray(new short[count]);
    };
  }
}
