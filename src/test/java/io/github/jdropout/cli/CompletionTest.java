package io.github.jdropout.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bash completes commands and options by the script that the command line prints. */
class CompletionTest {
  @TempDir private Path folder;

  @Test
  void bashCompletesCommandsAndOptions() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no /bin/bash");
    CliRun run = CliRun.of("generate-completion");
    assertEquals(0, run.exitCode(), run.err());
    Path script = folder.resolve("jdropout.bash");
    Files.writeString(script, run.out());

    assertEquals("mask", complete(script, "ma"));
    assertEquals("--stream", complete(script, "mask", "--str"));
    assertTrue(complete(script, "mask", "--backend", "").contains("scalar"));
  }

  /** Returns what bash offers for the last word. */
  private static String complete(Path script, String... words)
      throws IOException, InterruptedException {
    String line = "jdropout " + String.join(" ", words);
    String program =
        // Bash allows compopt only while somebody presses the key.
        "compopt() { :; }; source '%s'; COMP_LINE='%s'; COMP_POINT=%d; COMP_WORDS=(%s); COMP_CWORD=%d;"
                .formatted(script, line, line.length(), quoted(line), words.length)
            + " _complete_jdropout; echo \"${COMPREPLY[*]}\"";
    Process bash = new ProcessBuilder("/bin/bash", "-c", program).start();
    String answer = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String errors = new String(bash.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, bash.waitFor(), errors);
    assertEquals("", errors);
    return answer.strip();
  }

  private static String quoted(String line) {
    StringBuilder words = new StringBuilder();
    for (String word : line.split(" ", -1)) {
      words.append(" '").append(word).append('\'');
    }
    return words.toString();
  }
}
