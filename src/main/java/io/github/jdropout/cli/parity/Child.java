package io.github.jdropout.cli.parity;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.jdropout.process.JvmCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A variant's JVM: same program, same class path and properties as this one, plus its own. */
final class Child {
  /** System property: seconds without a sign of life after which a JVM is taken for stuck. */
  static final String TIMEOUT_PROPERTY = "jdropout.parity.timeoutSeconds";

  private static final long DEFAULT_TIMEOUT_SECONDS = 300;

  /** Every event's line starts so; anything else was printed by somebody else. */
  private static final String EVENT_START = "{\"event\":";

  private final LastWords words = new LastWords();
  private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
  private final Process process;
  private final Thread errors;

  private Child(Process process) {
    this.process = process;
    this.errors =
        Thread.ofVirtual().start(() -> forward(process.getErrorStream(), words::add, () -> {}));
    Thread.ofVirtual()
        .start(() ->
            forward(
                process.getInputStream(),
                line -> lines.add(Optional.of(line)),
                () -> lines.add(Optional.empty())));
  }

  /**
   * Starts the JVM and hands it its job.
   *
   * @param crashFolder where the JVM's report of a crash goes
   */
  static Child start(Variant variant, Job job, Path crashFolder) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command(variant, job.depth(), crashFolder));
    builder.environment().putAll(variant.environment());
    Child child = new Child(builder.start());
    // Stays open: its end tells the JVM that this one is gone, however it went.
    OutputStream in = child.process.getOutputStream();
    try {
      in.write((ParityJson.line(new Order(variant, job)) + "\n").getBytes(StandardCharsets.UTF_8));
      in.flush();
    } catch (IOException e) {
      child.words.add(e.toString()); // It has died; why is found out below.
    }
    return child;
  }

  private static List<String> command(Variant variant, Job.Depth depth, Path crashFolder) {
    List<String> options = new ArrayList<>();
    for (Map.Entry<String, String> property : variant.properties().entrySet()) {
      options.add("-D" + property.getKey() + "=" + property.getValue());
    }
    if (depth == Job.Depth.QUICK && !variant.needsSecondCompiler()) {
      // It takes longer than a short run gains by it.
      options.add("-XX:TieredStopAtLevel=1");
    }
    options.add("-XX:-CreateCoredumpOnCrash");
    Path report = crashFolder.resolve(variant.name() + "-crash.log").toAbsolutePath();
    options.add("-XX:ErrorFile=" + report);
    return JvmCommand.of(options, Worker.class);
  }

  /**
   * Passes events on until the JVM has ended; a death becomes an event, too.
   *
   * @param events receives them, in this thread
   */
  void follow(Consumer<Event> events) throws InterruptedException {
    long timeout = Long.getLong(TIMEOUT_PROPERTY, DEFAULT_TIMEOUT_SECONDS);
    boolean hasEnded = false;
    String doing = "start";
    while (true) {
      Optional<String> line = lines.poll(timeout, TimeUnit.SECONDS);
      if (line == null) {
        process.destroyForcibly();
        events.accept(new Event.Failed("no sign of life for " + timeout + " s", doing));
        return;
      }
      if (line.isEmpty()) {
        break;
      }
      Optional<Event> event = event(line.get());
      event.ifPresentOrElse(events, () -> words.add(line.get()));
      hasEnded |= event.filter(Child::isLast).isPresent();
      doing = event.map(Child::doing).filter(text -> !text.isEmpty()).orElse(doing);
    }
    int exitCode = process.waitFor();
    errors.join(Duration.ofSeconds(2)); // A grandchild may hold the stream open.
    if (!hasEnded) {
      String summary = words.summary();
      events.accept(
          new Event.Failed(
              "its JVM died with exit code " + exitCode + (summary.isEmpty() ? "" : ": " + summary),
              doing));
    }
  }

  private static boolean isLast(Event event) {
    return event instanceof Event.Ended
        || event instanceof Event.Failed
        || event instanceof Event.Unavailable;
  }

  private static String doing(Event event) {
    return event instanceof Event.Progress progress ? progress.doing() : "";
  }

  private static Optional<Event> event(String line) {
    if (!line.startsWith(EVENT_START)) {
      return Optional.empty();
    }
    try {
      return Optional.of(ParityJson.parse(line, Event.class));
    } catch (JsonProcessingException e) {
      return Optional.empty(); // A line that a dying JVM did not complete.
    }
  }

  /** Ends the JVM at once. */
  void destroy() {
    process.destroyForcibly();
  }

  private static void forward(InputStream stream, Consumer<String> sink, Runnable end) {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      reader.lines().forEach(sink);
    } catch (IOException | UncheckedIOException e) {
      // A destroyed process closes its streams under the reader.
    } finally {
      end.run();
    }
  }

  /** The line that a JVM reads first. */
  record Order(Variant variant, Job job) {}
}
