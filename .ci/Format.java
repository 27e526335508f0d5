import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Runs google-java-format over every Java source below the given paths. The build starts it in the
 * JDK it selected, because the formatter parses with the javac of the JVM it runs in.
 *
 * <p>Usage: {@code java Format.java check|apply REPORT PATH...}. With {@code check} the files that
 * are not formatted are printed and written to the file REPORT, which otherwise does not exist
 * afterwards.
 */
final class Format {
  private Format() {}

  public static void main(String[] args) throws IOException {
    boolean apply = args[0].equals("apply");
    if (!apply && !args[0].equals("check")) {
      throw new IllegalArgumentException("jdropout.format is check or apply, not " + args[0]);
    }
    Path report = Path.of(args[1]);
    Files.deleteIfExists(report);
    List<String> sources = new ArrayList<>();
    for (String root : List.of(args).subList(2, args.length)) {
      if (Files.exists(Path.of(root))) {
        try (Stream<Path> files = Files.walk(Path.of(root))) {
          files.map(Path::toString).filter(f -> f.endsWith(".java")).sorted().forEach(sources::add);
        }
      }
    }
    if (sources.isEmpty()) {
      return;
    }
    List<String> command = new ArrayList<>(List.of(apply ? "--replace" : "--dry-run"));
    command.addAll(sources);
    StringWriter changed = new StringWriter();
    int status =
        ToolProvider.findFirst("google-java-format")
            .orElseThrow()
            .run(
                new PrintWriter(changed, true),
                new PrintWriter(System.err, true),
                command.toArray(String[]::new));
    if (status != 0) {
      System.exit(status);
    }
    if (!apply && !changed.toString().isBlank()) {
      System.out.print(changed);
      Files.writeString(report, changed.toString());
    }
  }
}
