package io.github.jdropout.spec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.Optional;

/**
 * A view of contiguous elements: an array, a range of one, or a memory segment.
 *
 * <p>The view refers to the caller's memory and copies nothing; creating one is cheap, and it can
 * be kept and used again. Alignment never matters. Offsets and counts are in elements, not bytes.
 */
public final class Elements {
  private final ElementType type;
  private final long count;

  /** A {@code float[]}, {@code double[]} or {@code short[]}; null where {@link #segment} holds. */
  private final Object array;

  private final int arrayOffset;

  /** Null where {@link #array} holds. */
  private final MemorySegment segment;

  /** Made at the first {@link #segment()} of an array; threads may each make one, all equal. */
  private MemorySegment arraySegment;

  private Elements(ElementType type, Object array, int offset, int count, int arrayLength) {
    if (offset < 0 || offset > arrayLength) {
      throw new IllegalArgumentException(
          "offset must be in [0, " + arrayLength + "] but is " + offset);
    }
    if (count < 0 || count > arrayLength - offset) {
      throw new IllegalArgumentException(
          "elementCount must be in [0, "
              + (arrayLength - offset)
              + "] (array length "
              + arrayLength
              + ", offset "
              + offset
              + ") but is "
              + count);
    }
    this.type = type;
    this.array = array;
    this.arrayOffset = offset;
    this.count = count;
    this.segment = null;
  }

  private Elements(ElementType type, MemorySegment segment) {
    this.type = type;
    this.array = null;
    this.arrayOffset = 0;
    this.count = segment.byteSize() / type.bytes();
    this.segment = segment;
  }

  /** Returns a view of a whole array as f32. */
  public static Elements of(float[] array) {
    Objects.requireNonNull(array, "array");
    return of(array, 0, array.length);
  }

  /**
   * Returns a view of a range of an array as f32.
   *
   * @throws IllegalArgumentException if the range leaves the array
   */
  public static Elements of(float[] array, int offset, int elementCount) {
    Objects.requireNonNull(array, "array");
    return new Elements(ElementType.F32, array, offset, elementCount, array.length);
  }

  /** Returns a view of a whole array as f64. */
  public static Elements of(double[] array) {
    Objects.requireNonNull(array, "array");
    return of(array, 0, array.length);
  }

  /**
   * Returns a view of a range of an array as f64.
   *
   * @throws IllegalArgumentException if the range leaves the array
   */
  public static Elements of(double[] array, int offset, int elementCount) {
    Objects.requireNonNull(array, "array");
    return new Elements(ElementType.F64, array, offset, elementCount, array.length);
  }

  /** Returns a view of a whole array whose shorts hold binary16 bits. */
  public static Elements ofF16(short[] array) {
    Objects.requireNonNull(array, "array");
    return ofF16(array, 0, array.length);
  }

  /**
   * Returns a view of a range of an array whose shorts hold binary16 bits.
   *
   * @throws IllegalArgumentException if the range leaves the array
   */
  public static Elements ofF16(short[] array, int offset, int elementCount) {
    Objects.requireNonNull(array, "array");
    return new Elements(ElementType.F16, array, offset, elementCount, array.length);
  }

  /** Returns a view of a whole array whose shorts hold bfloat16 bits. */
  public static Elements ofBf16(short[] array) {
    Objects.requireNonNull(array, "array");
    return ofBf16(array, 0, array.length);
  }

  /**
   * Returns a view of a range of an array whose shorts hold bfloat16 bits.
   *
   * @throws IllegalArgumentException if the range leaves the array
   */
  public static Elements ofBf16(short[] array, int offset, int elementCount) {
    Objects.requireNonNull(array, "array");
    return new Elements(ElementType.BF16, array, offset, elementCount, array.length);
  }

  /**
   * Returns a view of a segment, on or off the heap, of any length and alignment.
   *
   * <p>Values are in the machine's byte order. A sub-range is {@code segment.asSlice(…)}. Memory of
   * a confined arena is processed by its owner's thread alone, without splitting.
   *
   * @param type how to read the bytes
   * @param segment holds {@code byteSize() / type.bytes()} elements
   * @throws IllegalArgumentException if the size is not a multiple of the element's size
   */
  public static Elements of(ElementType type, MemorySegment segment) {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(segment, "segment");
    if (segment.byteSize() % type.bytes() != 0) {
      throw new IllegalArgumentException(
          "segment must hold a multiple of "
              + type.bytes()
              + " bytes ("
              + type.label()
              + ") but holds "
              + segment.byteSize());
    }
    Optional<Object> base = segment.heapBase();
    if (base.isPresent() && segment.address() % type.bytes() == 0) {
      // The address of a heap segment is its offset from the array's first element.
      int offset = (int) (segment.address() / type.bytes());
      int count = (int) (segment.byteSize() / type.bytes());
      switch (base.get()) {
        case float[] floats when type == ElementType.F32 -> {
          return of(floats, offset, count);
        }
        case double[] doubles when type == ElementType.F64 -> {
          return of(doubles, offset, count);
        }
        case short[] shorts when type == ElementType.F16 || type == ElementType.BF16 -> {
          return new Elements(type, shorts, offset, count, shorts.length);
        }
        default -> {
          // An array of another type stays a segment.
        }
      }
    }
    return new Elements(type, segment);
  }

  /** Returns the storage type. */
  public ElementType type() {
    return type;
  }

  /** Returns the number of elements. */
  public long count() {
    return count;
  }

  /** Returns whether the elements lie in an array of their own type, see {@link #array()}. */
  public boolean isArray() {
    return array != null;
  }

  /** Returns the {@code float[]}, {@code double[]} or {@code short[]}; null for a segment. */
  public Object array() {
    return array;
  }

  /** Returns the index of the first element in the array; 0 for a segment. */
  public int arrayOffset() {
    return arrayOffset;
  }

  /** Returns the elements as a segment: the caller's own, or a heap segment over the array. */
  public MemorySegment segment() {
    if (array == null) {
      return segment;
    }
    MemorySegment made = arraySegment;
    if (made == null) {
      MemorySegment whole =
          switch (type) {
            case F32 -> MemorySegment.ofArray((float[]) array);
            case F64 -> MemorySegment.ofArray((double[]) array);
            case F16, BF16 -> MemorySegment.ofArray((short[]) array);
          };
      made = whole.asSlice((long) arrayOffset * type.bytes(), count * type.bytes());
      arraySegment = made;
    }
    return made;
  }

  /**
   * Returns a view of a part.
   *
   * @param from index of the part's first element in this view, in [0, count()]
   * @param elementCount in [0, count() - from]
   * @throws IllegalArgumentException if the range leaves this view
   */
  public Elements slice(long from, long elementCount) {
    if (from < 0 || from > count) {
      throw new IllegalArgumentException("from must be in [0, " + count + "] but is " + from);
    }
    if (elementCount < 0 || elementCount > count - from) {
      throw new IllegalArgumentException(
          "elementCount must be in [0, " + (count - from) + "] but is " + elementCount);
    }
    if (array != null) {
      int offset = arrayOffset + (int) from;
      return new Elements(type, array, offset, (int) elementCount, offset + (int) (count - from));
    }
    return new Elements(type, segment.asSlice(from * type.bytes(), elementCount * type.bytes()));
  }

  /**
   * Copies elements into an array of this view's own type.
   *
   * @param from index of the first element in this view
   * @param tile a {@code float[]}, {@code double[]} or {@code short[]}; filled from index 0
   * @param elementCount how many
   * @throws IllegalArgumentException if {@code tile} is not of this view's type
   * @throws IndexOutOfBoundsException if the range leaves this view or {@code tile}
   */
  public void read(long from, Object tile, int elementCount) {
    ValueLayout layout = type.layout();
    MemorySegment.copy(segment(), layout, from * type.bytes(), tile, 0, elementCount);
  }

  /**
   * Copies elements from an array of this view's own type; the reverse of {@link #read}.
   *
   * @param from index of the first element in this view
   * @param tile a {@code float[]}, {@code double[]} or {@code short[]}; read from index 0
   * @param elementCount how many
   * @throws IllegalArgumentException if {@code tile} is not of this view's type
   * @throws IndexOutOfBoundsException if the range leaves this view or {@code tile}
   */
  public void write(long from, Object tile, int elementCount) {
    ValueLayout layout = type.layout();
    MemorySegment.copy(tile, 0, segment(), layout, from * type.bytes(), elementCount);
  }

  /** Returns whether threads other than the current one may read and write these elements. */
  public boolean isSharedBetweenThreads() {
    return Memory.isSharedBetweenThreads(segment);
  }

  /**
   * Checks that the memory can be used now, by this thread.
   *
   * @param name the argument's name, for the message
   * @throws IllegalArgumentException if its arena is closed or belongs to another thread
   */
  public void checkReadable(String name) {
    Memory.checkReadable(name, segment);
  }

  /**
   * Checks that the memory can be written now, by this thread.
   *
   * @param name the argument's name, for the message
   * @throws IllegalArgumentException if it is read-only, closed or another thread's
   */
  public void checkWritable(String name) {
    Memory.checkWritable(name, segment);
  }

  /** Returns whether both views are of the same memory, from first to last byte. */
  public boolean isSamePlaceAs(Elements other) {
    if (type != other.type || count != other.count) {
      return false;
    }
    if (array != null && other.array != null) {
      return isSameArray(other) && arrayOffset == other.arrayOffset;
    }
    if (array == null && segment.equals(other.segment)) {
      return true;
    }
    // A read-only view of the memory is not equal to a writable one. Overlap says that both lie in
    // one object or off the heap; only then addresses compare.
    return overlaps(other) && segment().address() == other.segment().address();
  }

  /** Returns whether any byte belongs to both views. */
  public boolean overlaps(Elements other) {
    if (count == 0 || other.count == 0) {
      return false;
    }
    if (array != null && other.array != null) {
      return isSameArray(other)
          && arrayOffset < other.arrayOffset + other.count
          && other.arrayOffset < arrayOffset + count;
    }
    return segment().asOverlappingSlice(other.segment()).isPresent();
  }

  @SuppressWarnings("ReferenceEquality") // The same memory is what is asked for.
  private boolean isSameArray(Elements other) {
    return array == other.array;
  }

  @Override
  public String toString() {
    return count + " " + type.label() + (array != null ? " in an array" : " in a segment");
  }
}
