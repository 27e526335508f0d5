package io.github.jdropout.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.ParameterException;

/** Standard output and standard error of a command, and how errors look there. */
final class Console {
  static final int FAILURE = 1;
  static final int BAD_INPUT = 2;

  private static final String DEBUG = "jdropout.debug";

  private final FailureKeeper bytes;
  private final PrintWriter out;
  private final PrintWriter err;

  /**
   * Creates a console.
   *
   * @param out standard output, for bytes and text
   * @param err standard error
   */
  Console(OutputStream out, PrintStream err) {
    this.bytes = new FailureKeeper(out);
    this.out = new PrintWriter(new OutputStreamWriter(bytes, System.out.charset()));
    this.err = new PrintWriter(new OutputStreamWriter(err, err.charset()), true);
  }

  /** Returns standard output for text. */
  PrintWriter out() {
    return out;
  }

  /** Returns standard output for bytes; do not mix with {@link #out()}. */
  OutputStream bytes() {
    return bytes;
  }

  /** Returns standard error. */
  PrintWriter err() {
    return err;
  }

  /** Reports a fault of the command line in one line. */
  int reportUsage(ParameterException e, String[] args) {
    return print(
        e,
        // picocli puts the word before some messages.
        oneLine(e.getMessage()).replaceFirst("^Error: ", "")
            + " (see "
            + e.getCommandLine().getCommandSpec().qualifiedName()
            + " --help)",
        BAD_INPUT);
  }

  /** Reports what stopped a command in one line and returns the exit code. */
  int report(Throwable thrown) {
    Throwable e = thrown;
    while (e.getCause() != null
        && (e instanceof ExecutionException || e instanceof ExceptionInInitializerError)) {
      e = e.getCause();
    }
    if (e.equals(bytes.failure)) {
      return FAILURE; // finish() reports it.
    }
    return print(e, describe(e), e instanceof IllegalArgumentException ? BAD_INPUT : FAILURE);
  }

  /**
   * Flushes, and decides whether a failure of standard output matters: a reader that had enough,
   * such as {@code head}, is no error.
   *
   * @param exitCode the exit code so far
   * @return the final exit code
   */
  int finish(int exitCode) {
    out.flush();
    try {
      bytes.flush();
    } catch (IOException e) {
      // Kept by the stream and judged below.
    }
    if (bytes.failure == null) {
      return exitCode;
    }
    if (isBrokenPipe(bytes.failure)) {
      return 0;
    }
    return print(bytes.failure, "standard output: " + describe(bytes.failure), FAILURE);
  }

  private int print(Throwable e, String message, int exitCode) {
    err.println("jdropout: " + message);
    if (Boolean.getBoolean(DEBUG)) {
      e.printStackTrace(err);
    }
    err.flush();
    return exitCode;
  }

  private static String describe(Throwable e) {
    return switch (e) {
      case NoSuchFileException missing -> missing.getFile() + ": no such file";
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      case FileAlreadyExistsException there -> there.getFile() + ": exists and is not a folder";
      case DirectoryNotEmptyException full -> full.getFile() + ": is a folder that is not empty";
      case FileSystemException file when file.getReason() != null ->
          file.getFile() + ": " + file.getReason();
      case OutOfMemoryError memory -> "out of memory: " + memory.getMessage();
      default -> e.getMessage() != null ? oneLine(e.getMessage()) : e.toString();
    };
  }

  private static String oneLine(String message) {
    return String.join(" ", message.strip().split("\\s*\\R\\s*"));
  }

  /** Java has no type for it; these are the texts of Linux, macOS and Windows. */
  private static boolean isBrokenPipe(IOException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("broken pipe") || message.contains("pipe is being closed");
  }

  /** Remembers the first failure, which a print writer would swallow. */
  private static final class FailureKeeper extends OutputStream {
    private final OutputStream target;
    private IOException failure;

    FailureKeeper(OutputStream target) {
      this.target = target;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      attempt(() -> target.write(source, offset, length));
    }

    @Override
    public void flush() throws IOException {
      attempt(target::flush);
    }

    private void attempt(Action action) throws IOException {
      if (failure != null) {
        throw failure;
      }
      try {
        action.run();
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }
  }

  @FunctionalInterface
  private interface Action {
    void run() throws IOException;
  }
}
