package io.github.jdropout.cli;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The header of a NumPy {@code .npy} file: the mark, a version, a length, and a Python dictionary.
 *
 * <p>Source: NumPy Enhancement Proposal 1, and versions 2.0 and 3.0 in {@code numpy.lib.format}.
 *
 * @param descr type of the elements in NumPy's notation, such as {@code <f4}
 * @param isFortranOrder whether the first axis varies fastest
 * @param shape sizes of the axes, outermost first; none for a single value
 * @param dataOffset bytes before the first element
 */
record NpyHeader(String descr, boolean isFortranOrder, List<Long> shape, long dataOffset) {
  /** Bytes that hold the mark, the version and the longest form of the length. */
  static final int PREFIX_BYTES = 12;

  /** Longer headers are refused: they come from damaged files. */
  private static final int MAX_DICTIONARY_BYTES = 1 << 20;

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int SHORT_LENGTH_BYTES = 10;
  private static final int ALIGNMENT = 64;

  /** Returns a header to write: C order, and an offset that is not yet known. */
  static NpyHeader of(String descr, List<Long> shape) {
    return new NpyHeader(descr, false, shape, 0);
  }

  /**
   * Returns the length of the whole header.
   *
   * @param prefix the first {@value #PREFIX_BYTES} bytes of the file, or all when it is shorter
   * @throws IllegalArgumentException if this is no header of version 1.0, 2.0 or 3.0
   */
  static int bytes(byte[] prefix) {
    if (prefix.length < PREFIX_BYTES
        || !Arrays.equals(prefix, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new IllegalArgumentException("is not a .npy file: it does not start with \\x93NUMPY");
    }
    int major = prefix[MAGIC.length];
    int minor = prefix[MAGIC.length + 1];
    if (major < 1 || major > 3 || minor != 0) {
      throw new IllegalArgumentException(
          "must have .npy version 1.0, 2.0 or 3.0 but has " + major + "." + minor);
    }
    ByteBuffer length = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN);
    length.position(MAGIC.length + 2);
    long dictionary = major == 1 ? length.getShort() & 0xFFFF : length.getInt() & 0xFFFFFFFFL;
    if (dictionary > MAX_DICTIONARY_BYTES) {
      throw new IllegalArgumentException(
          "must have a header of at most " + MAX_DICTIONARY_BYTES + " bytes but has " + dictionary);
    }
    return length.position() + (int) dictionary;
  }

  /**
   * Reads a header.
   *
   * @param header as many bytes as {@link #bytes} said
   * @throws IllegalArgumentException if its dictionary is not one
   */
  static NpyHeader parse(byte[] header) {
    boolean isShort = header[MAGIC.length] == 1;
    int start = isShort ? SHORT_LENGTH_BYTES : PREFIX_BYTES;
    Charset charset =
        header[MAGIC.length] == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    return new NpyDictionary(new String(header, start, header.length - start, charset))
        .parse(header.length);
  }

  /**
   * Returns the number of elements.
   *
   * @throws IllegalArgumentException if it is 2^63 or more
   */
  long elementCount() {
    if (shape.contains(0L)) {
      return 0;
    }
    try {
      return shape.stream().reduce(1L, Math::multiplyExact);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "must have fewer than 2^63 elements but has shape " + shapeText(), e);
    }
  }

  /** Returns the header in C order, in the oldest version that can hold it. */
  byte[] toBytes() {
    String dictionary =
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shapeText() + ", }";
    boolean isShort = SHORT_LENGTH_BYTES + dictionary.length() + ALIGNMENT <= 0xFFFF;
    int start = isShort ? SHORT_LENGTH_BYTES : PREFIX_BYTES;
    int total = (start + dictionary.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    ByteBuffer header = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
    header.put(MAGIC).put((byte) (isShort ? 1 : 2)).put((byte) 0);
    if (isShort) {
      header.putShort((short) (total - start));
    } else {
      header.putInt(total - start);
    }
    header.put(dictionary.getBytes(StandardCharsets.US_ASCII));
    Arrays.fill(header.array(), header.position(), total - 1, (byte) ' ');
    header.array()[total - 1] = '\n';
    return header.array();
  }

  /** Returns the shape as Python writes it: (), (3,), (3, 4). */
  String shapeText() {
    String sizes = shape.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return "(" + sizes + (shape.size() == 1 ? ",)" : ")");
  }
}
