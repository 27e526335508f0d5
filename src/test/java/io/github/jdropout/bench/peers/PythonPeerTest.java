package io.github.jdropout.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.bench.peers.PythonPeer.Answer;
import io.github.jdropout.bench.peers.PythonPeer.Question;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The conversation with a peer, whose part a shell script plays: it takes the place of python. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the peer is a shell script")
class PythonPeerTest {
  private static final String HELLO =
      "echo '{\"peers\": [\"A\"], \"version\": \"a 1\", \"absent\": {\"B\": \"no B\"}}'\n";
  private static final Question QUESTION =
      new Question("A", "forward", "f32", 1024, 0.1, 2, 3, true);

  @TempDir private Path folder;
  private File log;

  @BeforeEach
  void nameLog() {
    log = folder.resolve("log").toFile();
  }

  private PythonPeer start(String script) throws IOException {
    Path program = folder.resolve("python");
    Files.writeString(program, "#!/bin/sh\n" + script);
    assertTrue(program.toFile().setExecutable(true));
    return PythonPeer.start(program.toString(), "pytorch_cpu.py", log, 20, 1);
  }

  @Test
  void answersAreSamplesOrReasons() throws Exception {
    String script =
        "echo imported something\n"
            + HELLO
            + "read -r question\n"
            + "echo \"$question\" >&2\n"
            + "echo '{\"nanosPerCall\": [3, 1, 2], \"copyNanosPerCall\": [1, 1, 1],"
            + " \"bytesRead\": 8, \"bytesWritten\": 4}'\n"
            + "read -r question\n"
            + "echo '{\"notRun\": \"no such type\"}'\n"
            + "read -r question\n"
            + "echo '{\"nanosPerCall\": []}'\n"
            + "read -r question\n";
    try (PythonPeer peer = start(script)) {
      assertEquals(List.of("A"), peer.names());
      assertEquals("a 1", peer.version());
      assertEquals(Map.of("B", "no B"), peer.absent());
      assertEquals(
          new Answer(List.of(3.0, 1.0, 2.0), List.of(1.0, 1.0, 1.0), 8, 4, ""), peer.ask(QUESTION));
      assertEquals("no such type", peer.ask(QUESTION).notRun());
      assertEquals("it answered 0 samples, copies 0", peer.ask(QUESTION).notRun());
    }
    String question = Files.readString(log.toPath());
    assertTrue(question.contains("\"operation\":\"forward\""), question);
    assertTrue(question.contains("\"isQuick\":true"), question);
  }

  @Test
  void endedOneSaysSo() throws Exception {
    try (PythonPeer peer = start(HELLO + "exit 3\n")) {
      assertEquals("it has ended with 3; the log says why", peer.ask(QUESTION).notRun());
      assertEquals("it has ended with 3; the log says why", peer.ask(QUESTION).notRun());
    }
  }

  @Test
  void silentOneIsEnded() throws Exception {
    try (PythonPeer peer = start(HELLO + "exec sleep 60\n")) {
      assertEquals("no answer within 1 s", peer.ask(QUESTION).notRun());
      assertEquals("no answer within 1 s", peer.ask(QUESTION).notRun());
    }
  }

  @Test
  void missingProgramIsAReason() {
    String missing = folder.resolve("nothing").toString();
    IOException e =
        assertThrows(IOException.class, () -> PythonPeer.start(missing, "pytorch_cpu.py", log));
    assertTrue(e.getMessage().contains("No such file"), e.getMessage());
  }

  @Test
  void programThatIsNoPeerIsAReason() {
    IOException e = assertThrows(IOException.class, () -> start("exit 1\n"));
    assertEquals("it has ended with 1; the log says why", e.getMessage());
  }
}
