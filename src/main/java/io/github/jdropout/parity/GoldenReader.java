package io.github.jdropout.parity;

import io.github.jdropout.parity.GoldenEntry.Forward;
import io.github.jdropout.parity.reference.ReferenceMask;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Reads the lines of a golden file; an error names the line and the field. */
final class GoldenReader {
  private final Path file;
  private final BufferedReader reader;
  private int line;

  GoldenReader(Path file, BufferedReader reader) {
    this.file = file;
    this.reader = reader;
  }

  List<GoldenEntry> read() throws IOException {
    List<GoldenEntry> entries = new ArrayList<>();
    String[] words = next();
    if (words == null || !String.join(" ", words).equals(GoldenWriter.HEADER)) {
      throw error("must be " + GoldenWriter.HEADER);
    }
    words = next();
    while (words != null && !words[0].equals(GoldenWriter.END)) {
      GoldenCase given = readCase(words);
      words = next();
      byte[] mask = readMask(words, given);
      int maskLine = line;
      List<Forward> forwards = new ArrayList<>();
      words = next();
      while (words != null && !isNextCaseOrEnd(words)) {
        forwards.add(readForward(words, given));
        words = next();
      }
      Set<ElementType> types = Set.copyOf(forwards.stream().map(Forward::type).toList());
      entries.add(
          new GoldenEntry(
              new GoldenCase(given.key(), given.p(), given.firstIndex(), given.count(), types),
              maskLine,
              mask,
              List.copyOf(forwards)));
    }
    checkEnd(words, entries.size());
    return List.copyOf(entries);
  }

  private static boolean isNextCaseOrEnd(String[] words) {
    return words[0].equals("case") || words[0].equals(GoldenWriter.END);
  }

  /** A file that was cut at the end of a line looks whole but for this. */
  private void checkEnd(String[] words, int cases) throws IOException {
    checkWords(words, GoldenWriter.END, 2);
    if (!words[1].equals(Integer.toString(cases))) {
      throw error("end must be of " + cases + " cases but is of " + words[1]);
    }
    if (cases == 0) {
      throw error("a case must be before the end");
    }
    if (next() != null) {
      throw error("nothing must follow the end");
    }
  }

  /** Returns the words of the next line that is neither empty nor a comment; null at the end. */
  private String[] next() throws IOException {
    while (true) {
      String text = reader.readLine();
      if (text == null) {
        return null;
      }
      line++;
      if (!text.isBlank() && !text.startsWith("#")) {
        return text.strip().split(" +", -1);
      }
    }
  }

  private IllegalArgumentException error(String what) {
    return new IllegalArgumentException(file + ":" + line + ": " + what);
  }

  private void checkWords(String[] words, String kind, int count) {
    if (words == null) {
      throw error(kind + " must follow but the file ends");
    }
    if (!words[0].equals(kind)) {
      throw error(kind + " must be here but is " + words[0]);
    }
    if (words.length != count) {
      throw error(kind + " must have " + count + " words but has " + words.length);
    }
  }

  private GoldenCase readCase(String[] words) {
    checkWords(words, "case", 9);
    long seed = field(words, 1, "seed", text -> HexFormat.fromHexDigitsToLong(text));
    long stream = field(words, 2, "stream", text -> HexFormat.fromHexDigitsToLong(text));
    double p = field(words, 3, "p", Double::valueOf);
    long first = field(words, 4, "first", Long::valueOf);
    int count = field(words, 5, "count", Integer::valueOf);
    int threshold = field(words, 6, "T", Integer::valueOf);
    int scale32 = field(words, 7, "scale32", text -> HexFormat.fromHexDigits(text));
    long scale64 = field(words, 8, "scale64", text -> HexFormat.fromHexDigitsToLong(text));
    GoldenCase given;
    try {
      given = new GoldenCase(new MaskKey(seed, stream), p, first, count, Set.of());
    } catch (IllegalArgumentException e) {
      throw error(e.getMessage());
    }
    checkDerived(p, threshold, scale32, scale64);
    return given;
  }

  /** A file that has them wrong would teach others so. */
  private void checkDerived(double p, int threshold, int scale32, long scale64) {
    int expected = ReferenceMask.threshold(p);
    if (threshold != expected) {
      throw error("T must be " + expected + " for p=" + p + " but is " + threshold);
    }
    int expected32 = GoldenWriter.scale32(threshold);
    if (scale32 != expected32) {
      throw error(String.format("scale32 must be %08x but is %08x", expected32, scale32));
    }
    long expected64 = GoldenWriter.scale64(threshold);
    if (scale64 != expected64) {
      throw error(String.format("scale64 must be %016x but is %016x", expected64, scale64));
    }
  }

  private <T> T field(String[] words, int at, String name, Function<String, T> parser) {
    String prefix = name + "=";
    if (!words[at].startsWith(prefix)) {
      throw error("word " + (at + 1) + " must be " + prefix + "… but is " + words[at]);
    }
    String text = words[at].substring(prefix.length());
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw error(name + " must be a number but is " + text);
    }
  }

  private byte[] readMask(String[] words, GoldenCase given) {
    checkWords(words, "mask", 2);
    byte[] mask = bytes("mask", words[1], (given.count() + 7) / 8);
    int rest = given.count() % 8;
    if (rest != 0 && (mask[mask.length - 1] & 0xFF) >>> rest != 0) {
      throw error("mask must have 0 after bit " + (given.count() - 1) + " but is " + words[1]);
    }
    return mask;
  }

  private Forward readForward(String[] words, GoldenCase given) {
    checkWords(words, "forward", 4);
    ElementType type;
    try {
      type = Labels.parse("type", ElementType.values(), ElementType::label, words[1]);
    } catch (IllegalArgumentException e) {
      throw error(e.getMessage());
    }
    return new Forward(
        line,
        type,
        elements("input", type, words[2], given.count()),
        elements("output", type, words[3], given.count()));
  }

  /** Returns elements as memory has them; the text has each with its highest digit first. */
  private byte[] elements(String name, ElementType type, String text, int count) {
    bytes(name, text, count * type.bytes());
    MemorySegment memory = MemorySegment.ofArray(new byte[count * type.bytes()]);
    int digits = 2 * type.bytes();
    for (int i = 0; i < count; i++) {
      long bits = HexFormat.fromHexDigitsToLong(text, i * digits, (i + 1) * digits);
      ElementBits.set(type, memory, i, bits);
    }
    return (byte[]) memory.heapBase().orElseThrow();
  }

  private byte[] bytes(String name, String text, int size) {
    if (text.length() != 2 * size) {
      throw error(name + " must have " + 2 * size + " digits but has " + text.length());
    }
    try {
      return HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException e) {
      throw error(name + " must be of hexadecimal digits: " + e.getMessage());
    }
  }
}
