package io.github.jdropout.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class JvmCommandTest {
  private static final String PROPERTY = "jdropout.test.child";

  /** Prints the property's value. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      System.out.println(System.getProperty(PROPERTY) + " " + String.join(",", args));
    }
  }

  private static String run(List<String> options) throws Exception {
    List<String> command = JvmCommand.of(options, Program.class);
    command.add("argument");
    Process process = new ProcessBuilder(command).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(0, process.waitFor(), () -> String.join(" ", command));
    return output;
  }

  @Test
  void propertiesSetAfterTheStartArePassedOnAndOptionsWin() throws Exception {
    System.setProperty(PROPERTY, "set here");
    try {
      assertEquals("set here argument", run(List.of()));
      assertEquals("given argument", run(List.of("-D" + PROPERTY + "=given")));
    } finally {
      System.clearProperty(PROPERTY);
    }
    assertEquals("null argument", run(List.of()));
  }

  @Test
  void itIsThisJvmsProgramAndClassPath() {
    List<String> command = JvmCommand.of(List.of("-Xint"), Program.class);
    assertTrue(command.getFirst().startsWith(System.getProperty("java.home")), command::getFirst);
    assertEquals(
        List.of("-Xint", "-cp", System.getProperty("java.class.path"), Program.class.getName()),
        command.subList(command.size() - 4, command.size()));
  }
}
