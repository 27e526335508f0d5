package io.github.jdropout.cli;

import io.github.jdropout.Dropout;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.PackedMask;
import io.github.jdropout.spec.Scaling;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code jdropout mask}: writes a range of a mask, of any length, in constant memory. */
@Command(
    name = "mask",
    mixinStandardHelpOptions = true,
    description = "Write the mask of a range of elements; 1 = keep.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  jdropout mask --p 0.1 --seed 42 --stream 7 --count 64",
      "  jdropout mask --p 0.1 --seed 42 --stream 7 --count 1000000 --out mask.bin",
      "  jdropout mask --p 0.5 --count 4096 --out mask.npy",
      "  jdropout mask --p 0.5 --count 4096 --format bytes --out - | od -An -tu1 | head"
    })
final class MaskCommand implements Callable<Integer> {
  private static final String STANDARD_OUTPUT = "-";
  private static final String NPY = ".npy";

  /** A multiple of what backends split by and of a line of text. */
  private static final int CHUNK_ELEMENTS = 1 << 22;

  @ParentCommand private Main main;

  @Mixin private MaskOptions options;

  @Option(
      names = "--count",
      required = true,
      paramLabel = "N",
      description = "Number of elements, in [0, 2^63).")
  private long count;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "File to write; .npy at its end makes it a NumPy array of uint8, - is standard"
              + " output. Without it, text goes to standard output.")
  private String out;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "bits: packed, 8 elements a byte, the lowest bit first, zeros after the last (default for"
              + " a file). bytes: a byte 0 or 1 for each element. text: digits 0 and 1, 64 a line"
              + " (default without --out).")
  private MaskFormat format;

  @Override
  public Integer call() throws IOException {
    if (count < 0) {
      throw new IllegalArgumentException("count must be in [0, 2^63) but is " + count);
    }
    options.first(count);
    Dropout dropout = options.dropout(Scaling.INVERTED);
    if (out == null || out.equals(STANDARD_OUTPUT)) {
      write(dropout, standardOutputFormat(), main.console().bytes());
      return 0;
    }
    MaskFormat fileFormat = fileFormat();
    try (FileOutput file = FileOutput.create(Path.of(out));
        OutputStream bytes = Channels.newOutputStream(file.channel())) {
      if (out.endsWith(NPY)) {
        bytes.write(NpyHeader.of("|u1", List.of(count)).toBytes());
      }
      write(dropout, fileFormat, bytes);
      file.commit();
    }
    return 0;
  }

  private MaskFormat standardOutputFormat() {
    if (out == null && format != null && format != MaskFormat.TEXT) {
      throw new IllegalArgumentException(
          "--format " + name(format) + " needs --out FILE, or --out - for standard output");
    }
    return format != null ? format : out == null ? MaskFormat.TEXT : MaskFormat.BITS;
  }

  private MaskFormat fileFormat() {
    if (!out.endsWith(NPY)) {
      return format != null ? format : MaskFormat.BITS;
    }
    if (format != null && format != MaskFormat.BYTES) {
      throw new IllegalArgumentException(
          "a .npy file has --format bytes but --format is " + name(format));
    }
    return MaskFormat.BYTES;
  }

  private static String name(MaskFormat format) {
    return format.name().toLowerCase(Locale.ROOT);
  }

  private void write(Dropout dropout, MaskFormat chosen, OutputStream bytes) throws IOException {
    MaskKey key = options.key();
    long first = options.first(count);
    PackedMask whole = PackedMask.allocate(Math.min(count, CHUNK_ELEMENTS));
    for (long done = 0; done < count; done += CHUNK_ELEMENTS) {
      PackedMask chunk = PackedMask.of(whole.bytes(), Math.min(count - done, CHUNK_ELEMENTS));
      dropout.mask(chunk, key, first + done);
      chosen.write(chunk, bytes);
    }
  }
}
