package io.github.jdropout.bench.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;

/**
 * A Python program that times peers on request: a JSON object a line, in and out.
 *
 * <p>It first writes {@code {"peers": [names], "version": text, "absent": {name: reason}}}. Then
 * each line that it reads is a {@link Question}, and each that it writes an answer: {@code
 * {"nanosPerCall": [...], "copyNanosPerCall": [...], "bytesRead": n, "bytesWritten": n}} or {@code
 * {"notRun": reason}}. It ends with its standard input.
 */
public final class PythonPeer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Says that the program has closed its output. */
  private static final String END = "";

  private final Path script;
  private final Process process;
  private final Writer questions;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final long answerSeconds;
  private final List<String> names;
  private final String version;
  private final Map<String, String> absent;

  /** Why there are no more answers; empty while there are. */
  private String ended = "";

  /**
   * What to time.
   *
   * @param peer one of {@link #names()}
   * @param operation such as {@code forward}
   * @param type of the elements, such as {@code f32}
   * @param elements of a call
   * @param p probability of dropping
   * @param threads of a CPU
   * @param samples to take
   * @param isQuick whether times do not matter
   */
  public record Question(
      String peer,
      String operation,
      String type,
      long elements,
      double p,
      int threads,
      int samples,
      boolean isQuick) {}

  /**
   * What came of it.
   *
   * @param nanosPerCall each sample; empty if it was not timed
   * @param copyNanosPerCall a copy beside each
   * @param bytesRead of a call
   * @param bytesWritten of a call
   * @param notRun why it was not timed; empty if it was
   */
  public record Answer(
      List<Double> nanosPerCall,
      List<Double> copyNanosPerCall,
      long bytesRead,
      long bytesWritten,
      String notRun) {
    static Answer notRun(String reason) {
      return new Answer(List.of(), List.of(), 0, 0, reason);
    }
  }

  private PythonPeer(Path script, Process process, long startSeconds, long answerSeconds)
      throws IOException {
    this.script = script;
    this.process = process;
    this.answerSeconds = answerSeconds;
    questions = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofPlatform().daemon().name("peer").start(this::read);
    JsonNode hello = JSON.readTree(next(startSeconds));
    names = strings(hello.path("peers"));
    version = hello.path("version").asText("");
    absent = new LinkedHashMap<>();
    hello
        .path("absent")
        .properties()
        .forEach(field -> absent.put(field.getKey(), field.getValue().asText()));
  }

  /**
   * Starts one of the scripts that are packed with this class.
   *
   * @param python the program that runs it
   * @param name of the script, such as {@code pytorch_cpu.py}
   * @param log receives what it says on standard error
   * @throws IOException if it does not start, with the reason
   */
  public static PythonPeer start(String python, String name, File log) throws IOException {
    return start(python, name, log, 60, 120);
  }

  static PythonPeer start(
      String python, String name, File log, long startSeconds, long answerSeconds)
      throws IOException {
    Path script = Files.createTempFile("jdropout-peer", ".py");
    Process process = null;
    try {
      try (InputStream source = PythonPeer.class.getResourceAsStream(name)) {
        if (source == null) {
          throw new IOException("the script " + name + " is not in this build");
        }
        Files.copy(source, script, StandardCopyOption.REPLACE_EXISTING);
      }
      process =
          new ProcessBuilder(python, script.toString(), "--serve")
              .redirectError(ProcessBuilder.Redirect.appendTo(log))
              .start();
      return new PythonPeer(script, process, startSeconds, answerSeconds);
    } catch (IOException e) {
      if (process != null) {
        process.destroyForcibly();
      }
      Files.deleteIfExists(script);
      throw e;
    }
  }

  /** Returns the peers that can be timed. */
  public List<String> names() {
    return names;
  }

  /** Returns what it runs with; empty if it does not say. */
  public String version() {
    return version;
  }

  /** Returns the peers that cannot be timed, with the reasons. */
  public Map<String, String> absent() {
    return absent;
  }

  /** Has a case timed. A program that does not answer is ended, and answers nothing more. */
  public Answer ask(Question question) {
    if (!ended.isEmpty()) {
      return Answer.notRun(ended);
    }
    try {
      write(JSON.writeValueAsString(question) + "\n");
      JsonNode answer = JSON.readTree(next(answerSeconds));
      if (answer.has("notRun")) {
        return Answer.notRun(answer.path("notRun").asText());
      }
      List<Double> nanos = numbers(answer.path("nanosPerCall"));
      List<Double> copies = numbers(answer.path("copyNanosPerCall"));
      if (nanos.isEmpty() || (!copies.isEmpty() && copies.size() != nanos.size())) {
        return Answer.notRun("it answered " + nanos.size() + " samples, copies " + copies.size());
      }
      return new Answer(
          nanos,
          copies,
          answer.path("bytesRead").asLong(),
          answer.path("bytesWritten").asLong(),
          "");
    } catch (IOException e) {
      process.destroyForcibly();
      ended = e.getMessage();
      return Answer.notRun(ended);
    }
  }

  private void write(String line) {
    try {
      questions.write(line);
      questions.flush();
    } catch (IOException e) {
      // It has ended, as the missing answer will say with its status.
    }
  }

  private void read() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      reader.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      // The end, for whatever reason.
    }
    lines.add(END);
  }

  private String next(long seconds) throws IOException {
    String line = null;
    try {
      do {
        line = lines.poll(seconds, TimeUnit.SECONDS);
        // Programs that are imported may print, too.
      } while (line != null && !line.equals(END) && !line.startsWith("{"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (line == null) {
      throw new IOException("no answer within " + seconds + " s");
    }
    if (line.equals(END)) {
      lines.add(END);
      throw new IOException(
          "it has ended" + status().map(" with "::concat).orElse("") + "; the log says why");
    }
    return line;
  }

  private Optional<String> status() {
    try {
      return process.waitFor(1, TimeUnit.SECONDS)
          ? Optional.of(Integer.toString(process.exitValue()))
          : Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static List<String> strings(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  private static List<Double> numbers(JsonNode array) {
    List<Double> numbers = new ArrayList<>();
    array.forEach(number -> numbers.add(number.asDouble()));
    return numbers;
  }

  /** Ends the program. */
  @Override
  public void close() {
    try {
      questions.close();
      if (!process.waitFor(2, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Files.deleteIfExists(script);
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
