package io.github.jdropout.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A file system that forbids to run what is in it, which only one process and its own see. */
public final class NoexecMount {
  private NoexecMount() {}

  /**
   * Returns the words to put before a command, so that it sees one in a folder.
   *
   * <p>Linux allows that to everybody in a user namespace; aborts the calling test where not.
   */
  public static List<String> command(Path folder) throws InterruptedException {
    List<String> command =
        List.of(
            "unshare",
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            "mount -t tmpfs -o noexec none " + folder + " && exec \"$@\"",
            "sh");
    List<String> probe = new ArrayList<>(command);
    probe.add("true");
    assumeTrue(canRun(probe), "cannot mount a file system with noexec: " + probe);
    return command;
  }

  private static boolean canRun(List<String> command) throws InterruptedException {
    try {
      return JavaProcess.start(command, Map.of()).waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
