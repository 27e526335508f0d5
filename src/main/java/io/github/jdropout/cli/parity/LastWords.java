package io.github.jdropout.cli.parity;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The last lines that a program wrote, and which of them say why it died. */
final class LastWords {
  private static final int KEPT_LINES = 60;

  private final Deque<String> lines = new ArrayDeque<>();

  synchronized void add(String line) {
    if (line.isBlank()) {
      return;
    }
    if (lines.size() == KEPT_LINES) {
      lines.removeFirst();
    }
    lines.add(line.strip());
  }

  /** Returns what explains a death best, in one line; empty if nothing was said. */
  synchronized String summary() {
    List<String> said = new ArrayList<>(lines);
    return crash(said)
        .or(() -> said.stream().filter(line -> line.startsWith("Exception in ")).findFirst())
        .or(() -> Optional.ofNullable(said.isEmpty() ? null : said.getLast()))
        .orElse("");
  }

  /** The JVM's own report of a fatal error has the signal, and the frame a line below its title. */
  private static Optional<String> crash(List<String> said) {
    Optional<String> signal =
        said.stream()
            .filter(line -> line.matches("#\\s+(SIG\\w+|EXCEPTION_\\w+|Internal Error).*"))
            .findFirst();
    int frame = said.indexOf("# Problematic frame:");
    String where = frame >= 0 && frame + 1 < said.size() ? " in " + text(said.get(frame + 1)) : "";
    return signal.map(line -> text(line) + where);
  }

  private static String text(String line) {
    return line.substring(1).strip();
  }
}
