package io.github.jdropout.cli.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that appears under its name only when it is complete.
 *
 * <p>The bytes go to a temporary file beside it, which {@link #commit} renames and {@link #close}
 * removes otherwise. A pipe or a device is written in place.
 */
public final class FileOutput implements Closeable {
  private final Path target;

  /** Equal to {@link #target} when that is written in place. */
  private final Path written;

  private final FileChannel channel;

  private FileOutput(Path target, Path written, FileChannel channel) {
    this.target = target;
    this.written = written;
    this.channel = channel;
  }

  /**
   * Opens the temporary file.
   *
   * @throws IllegalArgumentException if the target is a folder
   * @throws NoSuchFileException if the target's folder does not exist
   */
  public static FileOutput create(Path target) throws IOException {
    if (Files.isDirectory(target)) {
      throw new IllegalArgumentException(
          "the output must be a file but " + target + " is a folder");
    }
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      return new FileOutput(target, target, FileChannel.open(target, StandardOpenOption.WRITE));
    }
    // A symbolic link stays one: what it names is replaced.
    Path real = Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
    if (!Files.isDirectory(real.getParent())) {
      throw new NoSuchFileException(real.getParent().toString());
    }
    // Not createTempFile: it gives permissions to the owner alone.
    long unique = ThreadLocalRandom.current().nextLong();
    Path temporary =
        real.resolveSibling("." + real.getFileName() + "." + Long.toHexString(unique) + ".tmp");
    FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    temporary.toFile().deleteOnExit(); // When the user stops the program.
    return new FileOutput(real, temporary, channel);
  }

  /**
   * Writes a whole text.
   *
   * @param target replaced if it is there
   */
  public static void write(Path target, String text) throws IOException {
    write(target, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes a whole file.
   *
   * @param target replaced if it is there
   */
  public static void write(Path target, byte[] bytes) throws IOException {
    try (FileOutput output = create(target)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        output.channel.write(rest);
      }
      output.commit();
    }
  }

  /** Returns where the bytes go. */
  public FileChannel channel() {
    return channel;
  }

  /** Gives the complete file its name. */
  public void commit() throws IOException {
    channel.close();
    if (!written.equals(target)) {
      Files.move(written, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (!written.equals(target)) {
      Files.deleteIfExists(written);
    }
  }
}
