package io.github.jdropout.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jdropout.backend.cuda.CudaBinding;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import io.github.jdropout.process.JvmCommand;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs {@link GpuBenchmark} in a JVM of its own: a binding is chosen once per JVM, and a driver
 * that dies takes none of the other results along.
 */
public final class GpuProcess {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Receives results as they come. */
  public interface Receiver {
    /** Takes the device's properties, as far as they are known. */
    void device(Map<String, String> properties);

    /** Takes cases that were measured together; the program waits until this returns. */
    void measured(List<BenchCase> cases);

    /** Takes something that did not fit on the device. */
    void absent(BenchRun.Absent absent);
  }

  private final CudaBinding binding;
  private final Receiver receiver;
  private final GpuCases cases;
  private final GpuProperties device = new GpuProperties();

  /** Creates one; nothing runs yet. */
  public GpuProcess(CudaBinding binding, Receiver receiver) {
    this.binding = binding;
    this.receiver = receiver;
    this.cases = new GpuCases(binding.label());
  }

  /**
   * Runs the benchmark to its end.
   *
   * @param p probability of dropping
   * @param options of {@link GpuBenchmark} besides its file
   * @param log receives what it says besides
   * @throws IllegalStateException if it fails, with the end of what it said
   */
  public void run(double p, List<String> options, File log) throws IOException {
    Path file = Files.createTempFile("jdropout-gpu", ".json");
    List<String> properties =
        List.of(
            "-Djdropout.cuda.binding=" + binding.label(), "-D" + Operation.P_PROPERTY + "=" + p);
    List<String> command = JvmCommand.of(properties, GpuBenchmark.class);
    command.addAll(List.of("--lines", "--out", file.toString()));
    command.addAll(options);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log)).start();
    try {
      read(process);
      int status = process.waitFor();
      if (status != 0) {
        throw new IllegalStateException(
            "the GPU's benchmark ended with " + status + ": " + lastLine(log.toPath()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(file);
    }
  }

  private void read(Process process) throws IOException {
    List<JsonNode> turn = new ArrayList<>();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        Writer answers = process.outputWriter(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("{")) {
          continue;
        }
        JsonNode json = JSON.readTree(line);
        if (json.path("part").asText().equals("turn")) {
          hand(turn);
          turn.clear();
          answers.write("\n");
          answers.flush();
        } else {
          take(json, turn);
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void take(JsonNode json, List<JsonNode> turn) {
    String part = json.path("part").asText();
    JsonNode result = json.path("result");
    cases.describe(part, result);
    switch (part) {
      case "machine", "smiBefore", "smiAfter" -> {
        device.add(part, result);
        receiver.device(device.asMap());
      }
      case "run" -> device.addBinding(result.path("binding").asText());
      default -> turn.add(json);
    }
  }

  private void hand(List<JsonNode> turn) {
    List<BenchCase> measured = new ArrayList<>();
    List<JsonNode> onDevice = new ArrayList<>();
    for (JsonNode json : turn) {
      JsonNode result = json.path("result");
      switch (json.path("part").asText()) {
        case "device" -> onDevice.add(result);
        case "host" -> measured.add(cases.call(result));
        case "staged" -> measured.add(cases.staged(result));
        default -> {}
      }
      if (result.has("notRun")) {
        receiver.absent(
            new BenchRun.Absent(
                "cuda " + result.path("type").asText() + " " + result.path("elements").asText(),
                result.path("notRun").asText()));
      }
    }
    measured.addAll(cases.device(onDevice));
    receiver.measured(measured);
  }

  private static String lastLine(Path log) throws IOException {
    List<String> lines =
        Files.readAllLines(log, StandardCharsets.UTF_8).stream()
            .filter(line -> !line.isBlank() && !line.startsWith("\tat "))
            .toList();
    return lines.isEmpty() ? "it said nothing" : lines.getLast().strip();
  }
}
