package io.github.jdropout.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One file of PTX among the resources.
 *
 * @param operator what it is compiled from: {@code cuda/<operator>.cu}
 * @param target the oldest compute capability that it is for, 75 for 7.5
 * @param text all of it, in ASCII
 */
public record PtxFile(String operator, int target, String text) {
  /** The compute capabilities that every operator is compiled for. */
  public static final List<Integer> TARGETS = List.of(75, 80);

  private static final Pattern ENTRY =
      Pattern.compile("^\\.visible \\.entry (\\w+)\\(\n([^)]*)\\)", Pattern.MULTILINE);
  private static final Pattern PARAM =
      Pattern.compile("\t\\.param \\.align 8 \\.b8 \\w+_param_0\\[(\\d+)]\n");

  /** A kernel and the size of the one structure that it takes. */
  public record Entry(String name, int paramBytes) {}

  /** Returns every operator's files, in the order of the operators' names. */
  public static List<PtxFile> all() {
    List<PtxFile> files = new ArrayList<>();
    for (String operator : operators()) {
      TARGETS.forEach(target -> files.add(read(operator, target)));
    }
    return files;
  }

  /** Returns the names of the sources of kernels, without their extension, in order. */
  public static List<String> operators() {
    try (Stream<Path> sources = Files.list(Path.of("cuda"))) {
      return sources
          .map(source -> source.getFileName().toString())
          .filter(name -> name.endsWith(".cu"))
          .map(name -> name.substring(0, name.length() - ".cu".length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads one file. */
  public static PtxFile read(String operator, int target) {
    String name = "/io/github/jdropout/cuda/" + operator + ".compute_" + target + ".ptx";
    try (InputStream file = PtxFile.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException("no " + name + ": run cuda/generate_ptx.sh");
      }
      String text = new String(file.readAllBytes(), StandardCharsets.US_ASCII);
      return new PtxFile(operator, target, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the kernels, in the order of the file. */
  public List<Entry> entries() {
    return ENTRY.matcher(text).results().map(PtxFile::entry).toList();
  }

  private static Entry entry(MatchResult match) {
    Matcher param = PARAM.matcher(match.group(2));
    if (!param.matches()) {
      throw new IllegalStateException(match.group(1) + " takes other than one structure");
    }
    return new Entry(match.group(1), Integer.parseInt(param.group(1)));
  }

  /** Returns the file's name, for messages. */
  @Override
  public String toString() {
    return operator + ".compute_" + target;
  }
}
