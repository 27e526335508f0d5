package io.github.jdropout.cli;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A {@code .npy} file open for reading, its header read and its size checked for plausibility. */
final class NpyFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final NpyHeader header;

  private NpyFile(Path path, FileChannel channel, NpyHeader header) {
    this.path = path;
    this.channel = channel;
    this.header = header;
  }

  /**
   * Opens a file and reads its header.
   *
   * @throws IllegalArgumentException if it is no {@code .npy} file; the message names the file
   */
  static NpyFile open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      byte[] prefix = readUpTo(channel, NpyHeader.PREFIX_BYTES, 0);
      int headerBytes = NpyHeader.bytes(prefix);
      byte[] header = readUpTo(channel, headerBytes, 0);
      if (header.length < headerBytes) {
        throw new IllegalArgumentException(
            "is truncated: the header should have "
                + headerBytes
                + " bytes but the file has "
                + header.length);
      }
      NpyFile file = new NpyFile(path, channel, NpyHeader.parse(header));
      file.header.elementCount(); // Fails here where it is too large, with the file's name.
      return file;
    } catch (IllegalArgumentException e) {
      channel.close();
      throw new IllegalArgumentException(path + " " + e.getMessage(), e);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  NpyHeader header() {
    return header;
  }

  /**
   * Checks that the file ends with its last element.
   *
   * @param elementBytes size of an element
   * @throws IllegalArgumentException if it is shorter or longer
   */
  void checkSize(int elementBytes) throws IOException {
    long dataBytes = channel.size() - header.dataOffset();
    long count = header.elementCount();
    if (dataBytes % elementBytes != 0 || dataBytes / elementBytes != count) {
      boolean isShort = dataBytes / elementBytes < count;
      throw new IllegalArgumentException(
          path
              + (isShort ? " is truncated: " : " has bytes after its last element: ")
              + dataBytes
              + " bytes of data for "
              + count
              + " elements of "
              + elementBytes
              + " bytes, shape "
              + header.shapeText());
    }
  }

  /** Fills a segment with the data from byte {@code from}, counted from the first element. */
  void read(long from, MemorySegment target) throws IOException {
    ByteBuffer buffer = target.asByteBuffer();
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, header.dataOffset() + from + buffer.position()) < 0) {
        throw new EOFException(path + " became shorter while it was read");
      }
    }
  }

  private static byte[] readUpTo(FileChannel channel, int length, long from) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) >= 0) {
      // Reads on.
    }
    byte[] bytes = new byte[buffer.position()];
    buffer.get(0, bytes);
    return bytes;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
