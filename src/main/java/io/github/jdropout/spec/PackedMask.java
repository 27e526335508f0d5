package io.github.jdropout.spec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A view of a mask with one bit per element, 1 = keep.
 *
 * <p>Element i is bit {@code i & 63} of the little-endian 64-bit word {@code i >> 6}, which is bit
 * {@code i & 7} of byte {@code i >> 3}. Bits after the last element are written as 0 and ignored
 * when read. The view refers to the caller's memory and copies nothing.
 */
public final class PackedMask {
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment bytes;
  private final long count;

  /** The array behind writable heap memory, else null. */
  private final Object heapBase;

  private PackedMask(MemorySegment bytes, long count) {
    this.bytes = bytes;
    this.count = count;
    this.heapBase = bytes.heapBase().orElse(null);
  }

  /**
   * Returns the number of bytes that hold {@code elementCount} bits.
   *
   * @throws IllegalArgumentException if the count is negative
   */
  public static long bytesFor(long elementCount) {
    checkCount(elementCount, Long.MAX_VALUE);
    return (elementCount >>> 3) + ((elementCount & 7) == 0 ? 0 : 1);
  }

  /**
   * Returns a new mask of zeros on the heap.
   *
   * @param elementCount in [0, 2^34 - 72]
   * @throws IllegalArgumentException if the count is outside its range
   */
  public static PackedMask allocate(long elementCount) {
    long limit = ((long) Integer.MAX_VALUE - 8) * Byte.SIZE;
    checkCount(elementCount, limit);
    return new PackedMask(
        MemorySegment.ofArray(new byte[(int) bytesFor(elementCount)]), elementCount);
  }

  /**
   * Returns a view of a segment, on or off the heap, of any alignment.
   *
   * @param bytes holds at least {@code ceil(elementCount / 8)} bytes; further ones are not touched
   * @param elementCount number of bits
   * @throws IllegalArgumentException if the segment is too short or the count is negative
   */
  public static PackedMask of(MemorySegment bytes, long elementCount) {
    Objects.requireNonNull(bytes, "bytes");
    if (bytesFor(elementCount) > bytes.byteSize()) {
      throw new IllegalArgumentException(
          "bytes must hold at least "
              + bytesFor(elementCount)
              + " bytes for "
              + elementCount
              + " elements but holds "
              + bytes.byteSize());
    }
    return new PackedMask(bytes.asSlice(0, bytesFor(elementCount)), elementCount);
  }

  private static void checkCount(long elementCount, long limit) {
    if (elementCount < 0 || elementCount > limit) {
      throw new IllegalArgumentException(
          "elementCount must be in [0, " + limit + "] but is " + elementCount);
    }
  }

  /** Returns the number of elements. */
  public long count() {
    return count;
  }

  /** Returns the memory of the bits, {@code ceil(count() / 8)} bytes. */
  public MemorySegment bytes() {
    return bytes;
  }

  /**
   * Returns whether element {@code index} is kept.
   *
   * @throws IndexOutOfBoundsException if {@code index} is not in [0, count())
   */
  public boolean isKept(long index) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException("index must be in [0, " + count + ") but is " + index);
    }
    return (bytes.get(ValueLayout.JAVA_BYTE, index >>> 3) >>> (index & 7) & 1) != 0;
  }

  /** Returns the number of kept elements. */
  public long keptCount() {
    long kept = 0;
    long[] words = new long[64];
    for (long from = 0; from < count; from += 64L * words.length) {
      int elements = (int) Math.min(64L * words.length, count - from);
      read(from, words, elements);
      for (int word = 0; word < wordsFor(elements); word++) {
        kept += Long.bitCount(words[word]);
      }
    }
    return kept;
  }

  /**
   * Copies bits into words.
   *
   * @param from index of the first element, a multiple of 64
   * @param words receives {@code ceil(elementCount / 64)} words; bits past the end are 0
   * @param elementCount number of bits
   * @throws IllegalArgumentException if {@code from} is not a multiple of 64
   * @throws IndexOutOfBoundsException if the range leaves this mask or {@code words}
   */
  public void read(long from, long[] words, int elementCount) {
    checkRange(from, words, elementCount);
    int fullWords = elementCount >>> 6;
    MemorySegment.copy(bytes, WORD, from >>> 3, words, 0, fullWords);
    int rest = elementCount & 63;
    if (rest != 0) {
      long first = (from >>> 3) + 8L * fullWords;
      long last = 0;
      for (int octet = 0; octet < bytesFor(rest); octet++) {
        last |= (bytes.get(ValueLayout.JAVA_BYTE, first + octet) & 0xFFL) << (8 * octet);
      }
      words[fullWords] = last & ~(-1L << rest);
    }
  }

  /**
   * Copies bits from words; the reverse of {@link #read}.
   *
   * @param from index of the first element, a multiple of 64
   * @param words {@code ceil(elementCount / 64)} words are read; bits past the end are ignored
   * @param elementCount number of bits; what is left of the last byte is written as 0
   * @throws IllegalArgumentException if {@code from} is not a multiple of 64
   * @throws IndexOutOfBoundsException if the range leaves this mask or {@code words}
   */
  public void write(long from, long[] words, int elementCount) {
    checkRange(from, words, elementCount);
    int fullWords = elementCount >>> 6;
    MemorySegment.copy(words, 0, bytes, WORD, from >>> 3, fullWords);
    int rest = elementCount & 63;
    if (rest != 0) {
      long first = (from >>> 3) + 8L * fullWords;
      long last = words[fullWords] & ~(-1L << rest);
      for (int octet = 0; octet < bytesFor(rest); octet++) {
        bytes.set(ValueLayout.JAVA_BYTE, first + octet, (byte) (last >>> (8 * octet)));
      }
    }
  }

  private void checkRange(long from, long[] words, int elementCount) {
    if ((from & 63) != 0) {
      throw new IllegalArgumentException("from must be a multiple of 64 but is " + from);
    }
    Objects.checkFromIndexSize(from, elementCount, count);
    Objects.checkFromIndexSize(0, wordsFor(elementCount), words.length);
  }

  private static int wordsFor(int elementCount) {
    return (elementCount + 63) >>> 6;
  }

  /** Returns whether threads other than the current one may read and write the bits. */
  public boolean isSharedBetweenThreads() {
    return Memory.isSharedBetweenThreads(bytes);
  }

  /**
   * Checks that the memory can be used now, by this thread.
   *
   * @param name the argument's name, for the message
   * @throws IllegalArgumentException if its arena is closed or belongs to another thread
   */
  public void checkReadable(String name) {
    Memory.checkReadable(name, bytes);
  }

  /**
   * Checks that the memory can be written now, by this thread.
   *
   * @param name the argument's name, for the message
   * @throws IllegalArgumentException if it is read-only, closed or another thread's
   */
  public void checkWritable(String name) {
    Memory.checkWritable(name, bytes);
  }

  /** Returns whether any byte belongs to both. */
  @SuppressWarnings("ReferenceEquality") // The same array is what is asked for.
  public boolean overlaps(Elements elements) {
    Objects.requireNonNull(elements, "elements");
    if (elements.isArray()
        && (bytes.isNative() || (heapBase != null && heapBase != elements.array()))) {
      return false;
    }
    return bytes.byteSize() != 0
        && elements.count() != 0
        && bytes.asOverlappingSlice(elements.segment()).isPresent();
  }

  @Override
  public String toString() {
    return "PackedMask[" + count + " elements]";
  }
}
