package io.github.jdropout.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.jdropout.Dropout;
import io.github.jdropout.cli.file.FileOutput;
import io.github.jdropout.cli.terminal.ProgressBar;
import io.github.jdropout.parity.GoldenCase;
import io.github.jdropout.parity.GoldenFile;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.PackedMask;
import io.github.jdropout.spec.Scaling;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code jdropout mask}: writes a range of a mask, of any length, in constant memory. */
@Command(
    name = "mask",
    mixinStandardHelpOptions = true,
    description = "Write the mask of a range of elements; 1 = keep.",
    modelTransformer = MaskCommand.RangeMayBeMissing.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  jdropout mask --p 0.1 --seed 42 --stream 7 --count 64",
      "  jdropout mask --p 0.1 --seed 42 --stream 7 --count 1000000 --out mask.bin",
      "  jdropout mask --p 0.5 --count 4096 --out mask.npy",
      "  jdropout mask --p 0.5 --count 4096 --format bytes --out - | od -An -tu1 | head",
      "  jdropout mask --golden golden.txt",
      "  jdropout mask --golden mine.txt --p 0.1 --seed 42 --first 3 --count 1000"
    })
final class MaskCommand implements Callable<Integer> {
  private static final String STANDARD_OUTPUT = "-";
  private static final String NPY = ".npy";
  private static final String P = "--p";
  private static final String COUNT = "--count";

  /** A multiple of what backends split by and of a line of text. */
  private static final int CHUNK_ELEMENTS = 1 << 22;

  @ParentCommand private Main main;

  @Spec private CommandSpec spec;

  @Mixin private MaskOptions options;

  @Option(names = COUNT, paramLabel = "N", description = "Number of elements, in [0, 2^63).")
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

  @Option(
      names = "--golden",
      paramLabel = "FILE",
      description =
          "Write a text file of answers for tests in other languages: masks, thresholds, scales,"
              + " and elements of each type before and after dropout. Of the range, or without --p"
              + " and --count of a standard set of ranges. `jdropout parity --golden` checks it.")
  private Path golden;

  /** With --golden alone, no range needs to be given. */
  static final class RangeMayBeMissing implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec spec) {
      OptionSpec p = spec.findOption(P);
      return spec.remove(p).add(OptionSpec.builder(p).required(false).build());
    }
  }

  @Override
  public Integer call() throws IOException {
    if (golden != null) {
      writeGolden();
      return 0;
    }
    List<String> missing = Stream.of(P, COUNT).filter(name -> !isGiven(name)).toList();
    if (!missing.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "Missing required options: " + String.join(", ", missing));
    }
    if (count < 0) {
      throw new IllegalArgumentException("count must be in [0, 2^63) but is " + count);
    }
    options.first(count);
    Dropout dropout = options.dropout(Scaling.INVERTED);
    if (out == null || out.equals(STANDARD_OUTPUT)) {
      if (options.json()) {
        throw new IllegalArgumentException("--json needs --out FILE for the mask");
      }
      // Standard output may be the same terminal.
      write(dropout, standardOutputFormat(), main.console().bytes(), false);
      return 0;
    }
    MaskFormat fileFormat = fileFormat();
    try (FileOutput file = FileOutput.create(Path.of(out));
        OutputStream bytes = Channels.newOutputStream(file.channel())) {
      if (out.endsWith(NPY)) {
        bytes.write(NpyHeader.of("|u1", List.of(count)).toBytes());
      }
      write(dropout, fileFormat, bytes, ProgressBar.isTerminal());
      file.commit();
    }
    options.describe(main.console(), dropout, count, Path.of(out));
    return 0;
  }

  private boolean isGiven(String option) {
    return spec.commandLine().getParseResult().hasMatchedOption(option);
  }

  private void writeGolden() throws IOException {
    if (out != null || format != null) {
      throw new IllegalArgumentException("--golden excludes --out and --format");
    }
    if (isGiven("--backend")) {
      throw new IllegalArgumentException(
          "--golden excludes --backend: its answers are the reference's");
    }
    boolean hasRange = isGiven(P) && isGiven(COUNT);
    if (!hasRange && Stream.of(P, COUNT, "--seed", "--stream", "--first").anyMatch(this::isGiven)) {
      throw new IllegalArgumentException("--golden of a range needs --p and --count");
    }
    List<GoldenCase> cases = hasRange ? List.of(range()) : GoldenCase.standard();
    try (FileOutput file = FileOutput.create(golden);
        Writer text = Channels.newWriter(file.channel(), StandardCharsets.US_ASCII)) {
      GoldenFile.write(text, cases);
      file.commit();
    }
    if (options.json()) {
      ObjectNode root = new ObjectMapper().createObjectNode();
      root.put("file", golden.toString());
      root.put("cases", cases.size());
      main.console().out().println(root.toPrettyString());
    }
  }

  private GoldenCase range() {
    return new GoldenCase(
        options.key(),
        options.p(),
        options.first(count),
        GoldenCase.checkCount(count),
        EnumSet.allOf(ElementType.class));
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

  private void write(Dropout dropout, MaskFormat chosen, OutputStream bytes, boolean hasProgress)
      throws IOException {
    MaskKey key = options.key();
    long first = options.first(count);
    PackedMask whole = PackedMask.allocate(Math.min(count, CHUNK_ELEMENTS));
    try (ChunkProgress progress =
        new ChunkProgress(main.console().err(), hasProgress, "mask", count, CHUNK_ELEMENTS)) {
      for (long done = 0; done < count; done += CHUNK_ELEMENTS) {
        PackedMask chunk = PackedMask.of(whole.bytes(), Math.min(count - done, CHUNK_ELEMENTS));
        dropout.mask(chunk, key, first + done);
        chosen.write(chunk, bytes);
        progress.advance(CHUNK_ELEMENTS);
      }
    }
  }
}
