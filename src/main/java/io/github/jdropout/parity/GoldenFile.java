package io.github.jdropout.parity;

import io.github.jdropout.parity.GoldenEntry.Forward;
import io.github.jdropout.process.ShellWord;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.PackedMask;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Answers of the contract in a text file that any language reads in a few lines.
 *
 * <p>{@code docs/parity.md} has the format, and readers in Python and C++. Immutable.
 */
public final class GoldenFile {
  private final Path file;
  private final List<GoldenEntry> entries;

  private GoldenFile(Path file, List<GoldenEntry> entries) {
    this.file = file;
    this.entries = entries;
  }

  /**
   * An answer that an implementation gives otherwise.
   *
   * @param line of the file, from 1
   * @param what is wrong, in one line
   * @param mismatch the first element that differs
   */
  public record Mismatch(int line, String what, ParityReport.Mismatch mismatch) {}

  /**
   * Writes what the reference says, over whatever the file holds.
   *
   * <p>What a failure leaves of a file has no end line, so {@link #read} refuses it.
   *
   * @param cases at least one
   * @throws IOException if that fails
   */
  public static void write(Path file, List<GoldenCase> cases) throws IOException {
    try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.US_ASCII)) {
      write(writer, cases);
    }
  }

  /**
   * Writes the text of a file.
   *
   * @param writer stays open; all characters are ASCII
   * @param cases at least one
   * @throws IOException if that fails
   */
  public static void write(Writer writer, List<GoldenCase> cases) throws IOException {
    if (cases.isEmpty()) {
      throw new IllegalArgumentException("cases must not be empty");
    }
    GoldenWriter golden = new GoldenWriter(writer);
    golden.header();
    for (GoldenCase given : cases) {
      golden.write(given);
    }
    golden.end(cases.size());
    writer.flush();
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if a line is not as it should be; the message has the line and
   *     the field
   * @throws IOException if the file cannot be read
   */
  public static GoldenFile read(Path file) throws IOException {
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      return new GoldenFile(file, new GoldenReader(file, reader).read());
    }
  }

  /** Returns the cases of the file. */
  public List<GoldenCase> cases() {
    return entries.stream().map(GoldenEntry::given).toList();
  }

  /**
   * Holds an implementation against the answers, of what it can do.
   *
   * @return one for each mask or forward pass that is wrong, in the order of the file
   */
  public List<Mismatch> check(Implementation implementation) {
    Objects.requireNonNull(implementation, "implementation");
    List<Mismatch> mismatches = new ArrayList<>();
    for (GoldenEntry entry : entries) {
      if (implementation.operations().contains(Operation.MASK)) {
        checkMask(implementation, entry).ifPresent(mismatches::add);
      }
      for (Forward forward : entry.forwards()) {
        if (implementation.operations().contains(Operation.FORWARD)
            && implementation.types().contains(forward.type())) {
          checkForward(implementation, entry, forward).ifPresent(mismatches::add);
        }
      }
    }
    return mismatches;
  }

  private Optional<Mismatch> checkMask(Implementation implementation, GoldenEntry entry) {
    GoldenCase given = entry.given();
    PackedMask mask = PackedMask.allocate(given.count());
    implementation.subject().mask(DropoutSpec.of(given.p()), given.key(), given.firstIndex(), mask);
    byte[] actual = mask.bytes().toArray(ValueLayout.JAVA_BYTE);
    for (int i = 0; i < given.count(); i++) {
      int expected = entry.mask()[i / 8] >>> (i % 8) & 1;
      int is = actual[i / 8] >>> (i % 8) & 1;
      if (expected != is) {
        return Optional.of(
            mismatch(
                entry,
                entry.maskLine(),
                "mask",
                i,
                "",
                Integer.toString(expected),
                Integer.toString(is)));
      }
    }
    return Optional.empty();
  }

  private Optional<Mismatch> checkForward(
      Implementation implementation, GoldenEntry entry, Forward forward) {
    GoldenCase given = entry.given();
    ElementType type = forward.type();
    MemorySegment input = MemorySegment.ofArray(forward.input());
    MemorySegment output = MemorySegment.ofArray(new byte[forward.input().length]);
    implementation
        .subject()
        .forward(
            DropoutSpec.of(given.p()),
            given.key(),
            given.firstIndex(),
            Elements.of(type, input),
            Elements.of(type, output));
    MemorySegment expected = MemorySegment.ofArray(forward.output());
    return Checks.compare(type, expected, output, input, true, "")
        .map(difference ->
            mismatch(
                entry,
                forward.line(),
                "forward " + type.label(),
                difference.index(),
                difference.input(),
                difference.expected(),
                difference.actual()));
  }

  private Mismatch mismatch(
      GoldenEntry entry,
      int line,
      String what,
      long index,
      String input,
      String expected,
      String actual) {
    GoldenCase given = entry.given();
    MaskKey key = given.key();
    return new Mismatch(
        line,
        file
            + ":"
            + line
            + ": "
            + what
            + ", element "
            + index
            + " is "
            + actual
            + " but should be "
            + expected,
        new ParityReport.Mismatch(
            key.seed(),
            key.stream(),
            given.p(),
            given.firstIndex(),
            given.count(),
            index,
            input,
            expected,
            actual,
            what + " of line " + line,
            "jdropout parity --golden " + ShellWord.quoted(file.toString())));
  }
}
