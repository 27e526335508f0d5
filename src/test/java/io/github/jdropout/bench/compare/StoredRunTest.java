package io.github.jdropout.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jdropout.bench.result.BenchRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredRunTest {
  @TempDir private Path folder;

  private static String json() throws IOException {
    BenchRun run =
        Runs.run(
            List.of(Runs.forward("ffm", List.of(1.5, 2.5), List.of(1.0, 2.0))),
            List.of(Runs.step("half", 0.1, 1.5, 1, 2)));
    return new ObjectMapper().writeValueAsString(run);
  }

  private Path write(String json) throws IOException {
    return Files.writeString(folder.resolve("result.json"), json);
  }

  @Test
  void whatWasWrittenIsRead() throws IOException {
    Path file = write(json());
    StoredRun stored = StoredRun.read(file);
    assertEquals(file.toString(), stored.name());
    assertEquals(
        Runs.run(
            List.of(Runs.forward("ffm", List.of(1.5, 2.5), List.of(1.0, 2.0))),
            List.of(Runs.step("half", 0.1, 1.5, 1, 2))),
        stored.run());
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    String json = json();
    assertMessage("is damaged: Unexpected end-of-input", json.substring(0, json.length() - 9));
    assertMessage("is damaged: Unrecognized token 'hello'", "hello");
    assertMessage("is damaged: Trailing token", json + "{}");
    assertMessage("is damaged: Missing creator property 'p' (index 6)", without(json, "p"));
    assertMessage("is damaged: Unrecognized field \"q\"", json.replace("\"p\"", "\"q\":1,\"p\""));
    assertMessage(
        "is damaged: Cannot deserialize value of type `long`",
        json.replace("16777216", "\"many\""));
    assertMessage(
        "is damaged: Cannot map `null` into type `long`", json.replace("16777216", "null"));
  }

  private static String without(String json, String name) {
    return json.replaceFirst("\"" + name + "\":[^,]*,", "");
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    assertMessage("is not a result of jdropout bench: it has no schema", "[]");
    assertMessage("is not a result of jdropout bench: it has no schema", "");
    assertMessage(
        "schema must be jdropout-bench-1 but is jdropout-bench-9",
        json().replace(BenchRun.SCHEMA, "jdropout-bench-9"));
  }

  @Test
  void impossibleTimesAreRefused() throws IOException {
    String id = "cpu/ffm/forward/f32/array/16777216/p0.1/2t";
    assertMessage("a time must be positive but " + id + " has 0.0", json().replace("[1.5,", "[0,"));
    assertMessage(
        "a time must be positive but " + id + " has NaN", json().replace("[1.5,", "[\"NaN\","));
    assertMessage(
        "a time must be positive but " + id + " has -1.0", json().replace("[1.0,", "[-1,"));
    assertMessage(
        "is damaged: Cannot construct instance of `io.github.jdropout.bench.result.BenchCase`",
        json().replace("[1.5,2.5]", "[]"));
  }

  @Test
  void sameCasesAreRefused() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    Runs.stored(
                        "a.json",
                        Runs.forward("ffm", List.of(1.0), List.of()),
                        Runs.forward("ffm", List.of(2.0), List.of())))
            .getMessage();
    assertEquals("a.json: has the case cpu/ffm/forward/f32/array/16777216/p0.1/2t twice", message);
  }

  @Test
  void missingFilesAreErrorsOfTheSystem() {
    assertThrows(NoSuchFileException.class, () -> StoredRun.read(folder.resolve("none.json")));
  }

  private void assertMessage(String expected, String json) throws IOException {
    Path file = write(json);
    String message =
        assertThrows(IllegalArgumentException.class, () -> StoredRun.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": " + expected), message);
  }
}
