package io.github.jdropout.cli;

import io.github.jdropout.Dropout;
import io.github.jdropout.cli.file.FileOutput;
import io.github.jdropout.cli.terminal.ProgressBar;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.Scaling;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code jdropout apply}: dropout on a NumPy file of any size, in constant memory. */
@Command(
    name = "apply",
    mixinStandardHelpOptions = true,
    description = {
      "Apply dropout to a NumPy array, as in training.",
      "The array holds f32, f64 or f16 (with --bf16: uint16 with the bits of bf16) in C order,"
          + " little endian, of any shape. An element's index is its position in C order."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  jdropout apply in.npy out.npy --p 0.1 --seed 42 --stream 7",
      "  jdropout apply in.npy out.npy --p 0.1 --seed 0xC0FFEE --first 4096 --scaling classical"
    })
final class ApplyCommand implements Callable<Integer> {
  private static final int CHUNK_BYTES = 1 << 26;

  @ParentCommand private Main main;

  @Mixin private MaskOptions options;

  @Parameters(index = "0", paramLabel = "IN.npy", description = "File to read.")
  private Path in;

  @Parameters(
      index = "1",
      paramLabel = "OUT.npy",
      description = "File to write; it appears when it is complete. Must not be IN.npy.")
  private Path out;

  @Option(
      names = "--scaling",
      defaultValue = "inverted",
      paramLabel = "HOW",
      description =
          "inverted: kept elements times the scale that p gives. classical: kept ones unchanged."
              + " Default: ${DEFAULT-VALUE}.")
  private Scaling scaling;

  @Option(names = "--bf16", description = "The array is uint16 and holds the bits of bf16.")
  private boolean bf16;

  @Override
  public Integer call() throws IOException {
    Dropout dropout = options.dropout(scaling);
    try (NpyFile input = NpyFile.open(in)) {
      ElementType type = type(input.header());
      input.checkSize(type.bytes());
      long count = input.header().elementCount();
      long first = options.first(count);
      if (Files.exists(out) && Files.isSameFile(in, out)) {
        throw new IllegalArgumentException(
            "OUT.npy must be another file than IN.npy but is " + out);
      }
      try (FileOutput output = FileOutput.create(out)) {
        drop(dropout, input, type, first, output.channel());
        output.commit();
      }
      options.describe(main.console(), dropout, count, out);
    }
    return 0;
  }

  private void drop(
      Dropout dropout, NpyFile input, ElementType type, long first, FileChannel output)
      throws IOException {
    NpyHeader header = input.header();
    write(output, ByteBuffer.wrap(NpyHeader.of(header.descr(), header.shape()).toBytes()));
    MaskKey key = options.key();
    long totalBytes = header.elementCount() * type.bytes();
    // Shared, so that the common pool may work on it.
    try (Arena arena = Arena.ofShared();
        ChunkProgress progress = progress(totalBytes / type.bytes(), type)) {
      MemorySegment whole = arena.allocate(Math.min(totalBytes, CHUNK_BYTES), Double.BYTES);
      for (long done = 0; done < totalBytes; done += CHUNK_BYTES) {
        MemorySegment chunk = whole.asSlice(0, Math.min(totalBytes - done, CHUNK_BYTES));
        input.read(done, chunk);
        Elements elements = Elements.of(type, chunk);
        dropout.forward(elements, elements, key, first + done / type.bytes());
        write(output, chunk.asByteBuffer());
        progress.advance(CHUNK_BYTES / type.bytes());
      }
    }
  }

  private ChunkProgress progress(long elements, ElementType type) {
    return new ChunkProgress(
        main.console().err(),
        ProgressBar.isTerminal(),
        "apply",
        elements,
        CHUNK_BYTES / type.bytes());
  }

  private static void write(FileChannel output, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      output.write(bytes);
    }
  }

  private ElementType type(NpyHeader header) {
    // The library computes in the machine's byte order.
    String order = ByteOrder.nativeOrder().equals(ByteOrder.LITTLE_ENDIAN) ? "<" : ">";
    String descr = header.descr();
    if (header.isFortranOrder() && header.shape().size() > 1) {
      throw new IllegalArgumentException(
          in + " must be in C order but is in Fortran order, shape " + header.shapeText());
    }
    if (bf16) {
      if (!descr.equals(order + "u2")) {
        throw new IllegalArgumentException(
            in + " must hold " + order + "u2 with --bf16 but holds " + descr);
      }
      return ElementType.BF16;
    }
    for (ElementType type : new ElementType[] {ElementType.F32, ElementType.F64, ElementType.F16}) {
      if (descr.equals(order + "f" + type.bytes())) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "%s must hold %2$sf4, %2$sf8 or %2$sf2 (or %2$su2 with --bf16) but holds %3$s"
            .formatted(in, order, descr));
  }
}
