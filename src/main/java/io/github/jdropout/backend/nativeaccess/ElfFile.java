package io.github.jdropout.backend.nativeaccess;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** The format of libraries on Linux, as far as it tells whether a file is whole. */
final class ElfFile {
  private static final int MAGIC = 0x464C457F; // 0x7F 'E' 'L' 'F', little-endian.
  private static final byte CLASS_64 = 2;
  private static final byte LITTLE_ENDIAN = 1;
  private static final int HEADER_BYTES = 64;
  private static final int SEGMENT_BYTES = 56;
  private static final int LOADABLE = 1;

  private ElfFile() {}

  /**
   * Returns whether the file is shorter than the segments that it says it has.
   *
   * @return false for a file of another format, which the system refuses without harm
   * @throws IOException if it cannot be read
   */
  static boolean isTruncated(Path file) throws IOException {
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      ByteBuffer header = read(channel, 0, HEADER_BYTES);
      if (header.remaining() < HEADER_BYTES) {
        return header.remaining() >= Integer.BYTES && header.getInt(0) == MAGIC;
      }
      if (header.getInt(0) != MAGIC
          || header.get(4) != CLASS_64
          || header.get(5) != LITTLE_ENDIAN) {
        return false;
      }
      long table = header.getLong(32);
      int segments = Short.toUnsignedInt(header.getShort(56));
      ByteBuffer entries = read(channel, table, segments * SEGMENT_BYTES);
      if (entries.remaining() < segments * SEGMENT_BYTES) {
        return true;
      }
      for (int at = 0; at < entries.limit(); at += SEGMENT_BYTES) {
        long end = entries.getLong(at + 8) + entries.getLong(at + 32);
        if (entries.getInt(at) == LOADABLE && end > channel.size()) {
          return true;
        }
      }
      return false;
    }
  }

  /** Returns what there is of some bytes. */
  private static ByteBuffer read(SeekableByteChannel channel, long position, int bytes)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (position < 0) {
      return buffer.limit(0);
    }
    channel.position(position);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
      // Reads on.
    }
    return buffer.flip();
  }
}
