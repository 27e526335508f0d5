package io.github.jdropout.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs a class of the test class path in a JVM of its own. */
public final class JavaProcess {
  private JavaProcess() {}

  /** Exit status and standard output. */
  public record Result(int status, String output) {}

  /** Runs {@code main} with JVM options and waits for its end; errors go to this JVM's stderr. */
  public static Result run(Class<?> main, List<String> jvmOptions)
      throws IOException, InterruptedException {
    return run(main, jvmOptions, Map.of());
  }

  /** Runs {@code main} with JVM options and further environment variables. */
  public static Result run(Class<?> main, List<String> jvmOptions, Map<String, String> environment)
      throws IOException, InterruptedException {
    Process process = start(main, jvmOptions, environment);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  /** Starts {@code main}, whose standard output is the caller's to read. */
  public static Process start(
      Class<?> main, List<String> jvmOptions, Map<String, String> environment) throws IOException {
    return start(command(main, jvmOptions), environment);
  }

  /** Starts any command with further environment variables. */
  public static Process start(List<String> command, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Returns the command that runs {@code main} on this JVM's class path. */
  public static List<String> command(Class<?> main, List<String> jvmOptions) {
    return command(main, jvmOptions, System.getProperty("java.class.path"));
  }

  /** Returns the command that runs {@code main} on another class path. */
  public static List<String> command(Class<?> main, List<String> jvmOptions, String classPath) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", classPath, main.getName()));
    return command;
  }
}
