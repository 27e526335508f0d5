package io.github.jdropout.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.github.jdropout.DropoutBackends;
import io.github.jdropout.backend.BackendId;
import io.github.jdropout.oracle.OracleMask;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.MaskKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Golden files: what they say, what is wrong with bad ones, and who can read them. */
class GoldenFileTest {
  private static final GoldenCase SMALL =
      new GoldenCase(new MaskKey(42, 7), 0.1, 3, 20, Set.of(ElementType.F16));

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void chooseFile() {
    file = folder.resolve("golden.txt");
  }

  private static Implementation scalar() {
    return Implementation.of(DropoutBackends.get(BackendId.SCALAR));
  }

  @Test
  void everythingIsReadBackAndRight() throws IOException {
    GoldenFile.write(file, GoldenCase.standard());
    GoldenFile golden = GoldenFile.read(file);
    assertEquals(GoldenCase.standard(), golden.cases());
    assertEquals(List.of(), golden.check(scalar()));
  }

  @Test
  void theMaskIsTheOracles() throws IOException {
    GoldenFile.write(file, List.of(SMALL));
    List<String> lines = Files.readAllLines(file);
    assertEquals(
        "case seed=000000000000002a stream=0000000000000007 p=0.1 first=3 count=20 T=58982"
            + " scale32=3f8e3923 scale64=3ff1c7245881ee73",
        lines.get(2));
    StringBuilder mask = new StringBuilder("mask ");
    for (int octet = 0; octet < 3; octet++) {
      int bits = 0;
      for (int i = 8 * octet; i < Math.min(20, 8 * octet + 8); i++) {
        bits |= OracleMask.keep(42, 7, 3 + i, 0.1) ? 1 << (i % 8) : 0;
      }
      mask.append(String.format("%02x", bits));
    }
    assertEquals(mask.toString(), lines.get(3));
    assertTrue(lines.get(4).matches("forward f16 [0-9a-f]{80} [0-9a-f]{80}"), lines.get(4));
  }

  @Test
  void wrongAnswersHaveTheirLine() throws IOException {
    GoldenFile.write(file, List.of(SMALL));
    List<String> lines = Files.readAllLines(file);
    String mask = lines.get(3);
    int digit = Character.digit(mask.charAt(6), 16) ^ 4;
    String[] forward = lines.get(4).split(" ", -1);
    String output = "7bff" + forward[3].substring(4);
    Files.write(
        file,
        List.of(
            lines.get(0),
            lines.get(2),
            mask.substring(0, 6) + Character.forDigit(digit, 16) + mask.substring(7),
            "# a comment",
            String.join(" ", "forward f16", forward[2], output),
            lines.get(5)));
    List<GoldenFile.Mismatch> mismatches = GoldenFile.read(file).check(scalar());
    assertEquals(2, mismatches.size());
    assertEquals(3, mismatches.getFirst().line());
    assertEquals(2, mismatches.getFirst().mismatch().index());
    assertEquals(5, mismatches.getLast().line());
    assertEquals(0, mismatches.getLast().mismatch().index());
    assertEquals("7bff", mismatches.getLast().mismatch().expected());
    String what = mismatches.getLast().what();
    assertTrue(what.startsWith(file + ":5: forward f16, element 0 is "), what);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "jdropout-golden 1|jdropout-golden 2|1: must be jdropout-golden 1",
        "case seed|cases seed|3: case must be here but is cases",
        "seed=|saat=|3: word 2 must be seed=… but is saat=000000000000002a",
        "p=0.1|p=x|3: p must be a number but is x",
        "p=0.1|p=2|3: p must be in [0, 1] but is 2.0",
        "first=3|first=-3|3: firstIndex must be in [0, 9223372036854775787] but is -3",
        "count=20|count=0|3: count of a golden file",
        "count=20|count=17|4: mask must have 0 after bit 16 but is ",
        "T=58982|T=58981|3: T must be 58982 for p=0.1 but is 58981",
        "scale32=3f8e3923|scale32=3f8e3924|3: scale32 must be 3f8e3923 but is 3f8e3924",
        "scale64=3ff1c7245881ee73|scale64=0|3: scale64 must be 3ff1c7245881ee73 but is ",
        "count=20|count=20 more|3: case must have 9 words but has 10",
        "count=20|count=25|4: mask must have 8 digits but has 6",
        "forward f16|forward f17|5: type must be one of f32, f64, f16, bf16 but is f17",
        "forward f16|forward f32|5: input must have 160 digits but has 80",
        "forward f16|backward f16|5: forward must be here but is backward",
        "end 1|end 2|6: end must be of 1 cases but is of 2",
        "end 1|end|6: end must have 2 words but has 1"
      })
  void errorsNameTheLineAndTheField(String good, String bad, String message) throws IOException {
    GoldenFile.write(file, List.of(SMALL));
    String text = Files.readString(file);
    assertTrue(text.contains(good), good);
    Files.writeString(file, text.replace(good, bad));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> GoldenFile.read(file));
    assertTrue(e.getMessage().startsWith(file + ":" + message), e.getMessage());
  }

  @Test
  void aFileThatEndsEarlyIsRefused() throws IOException {
    Files.writeString(file, "jdropout-golden 1\ncase" + " x".repeat(8));
    assertThrows(IllegalArgumentException.class, () -> GoldenFile.read(file));
    GoldenFile.write(file, List.of(SMALL));
    Files.write(file, Files.readAllLines(file).subList(0, 3));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> GoldenFile.read(file));
    assertEquals(file + ":3: mask must follow but the file ends", e.getMessage());
  }

  @Test
  void aFileThatIsCutAtAnyLineIsRefused() throws IOException {
    GoldenFile.write(file, List.of(SMALL, SMALL));
    List<String> lines = Files.readAllLines(file);
    for (int kept = 0; kept < lines.size(); kept++) {
      Files.write(file, lines.subList(0, kept));
      assertThrows(IllegalArgumentException.class, () -> GoldenFile.read(file), kept + " lines");
    }
    Files.write(file, lines);
    assertEquals(2, GoldenFile.read(file).cases().size());
    Files.writeString(file, "end 2\n", StandardOpenOption.APPEND);
    assertThrows(IllegalArgumentException.class, () -> GoldenFile.read(file), "twice");
  }

  @Test
  void aFileWithoutCasesIsRefused() throws IOException {
    assertThrows(IllegalArgumentException.class, () -> GoldenFile.write(file, List.of()));
    Files.writeString(file, "jdropout-golden 1\nend 0\n");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> GoldenFile.read(file));
    assertEquals(file + ":2: a case must be before the end", e.getMessage());
  }

  @Test
  void theCommandIsForAShell() throws IOException {
    file = folder.resolve("Bob's golden file.txt");
    GoldenFile.write(file, List.of(SMALL));
    List<String> lines = Files.readAllLines(file);
    lines.set(3, "mask 000000");
    Files.write(file, lines);
    assertEquals(
        "jdropout parity --golden '" + folder + "/Bob'\\''s golden file.txt'",
        GoldenFile.read(file).check(scalar()).getFirst().mismatch().command());
  }

  /** Inputs repeat after that many elements. */
  @Test
  void aCaseMayBeLongerThanTheValues() throws IOException {
    MaskKey key = new MaskKey(1, 2);
    GoldenCase given = new GoldenCase(key, 0.1, 5, Values.PERIOD + 9, Set.of(ElementType.BF16));
    GoldenFile.write(file, List.of(given));
    assertEquals(List.of(), GoldenFile.read(file).check(scalar()));
  }

  /** The page's readers, run as they stand there. */
  @Test
  void pythonReadsIt() throws IOException, InterruptedException {
    GoldenFile.write(file, GoldenCase.standard());
    Path reader = folder.resolve("read_golden.py");
    Files.writeString(reader, quoted("python"));
    assertReads(List.of(command("python3"), reader.toString()));
  }

  @Test
  void cppReadsIt() throws IOException, InterruptedException {
    GoldenFile.write(file, GoldenCase.standard());
    Path source = folder.resolve("read_golden.cpp");
    Path program = folder.resolve("read_golden");
    Files.writeString(source, quoted("cpp"));
    Process compiler =
        start(
            List.of(
                command("c++"),
                "-std=c++17",
                "-Wall",
                "-Werror",
                "-o",
                program.toString(),
                source.toString()));
    String messages = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, compiler.waitFor(), messages);
    assertReads(List.of(program.toString()));
  }

  /** It says how much it checked, and fails on a file with one wrong bit. */
  private void assertReads(List<String> command) throws IOException, InterruptedException {
    List<String> onFile = new ArrayList<>(command);
    onFile.add(file.toString());
    Process good = start(onFile);
    String output = new String(good.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, good.waitFor(), output);
    long passes =
        GoldenCase.standard().stream()
            .filter(given -> given.types().contains(ElementType.F64))
            .count();
    assertEquals(
        GoldenCase.standard().size() + " masks and " + passes + " forward passes of f64 agree",
        output.strip());
    String text = Files.readString(file);
    int line = text.indexOf("forward f64");
    int lastDigit = text.indexOf('\n', line) - 1;
    char digit = text.charAt(lastDigit) == '0' ? '1' : '0';
    Files.writeString(file, text.substring(0, lastDigit) + digit + text.substring(lastDigit + 1));
    Process bad = start(onFile);
    assertFalse(new String(bad.getInputStream().readAllBytes(), StandardCharsets.UTF_8).isEmpty());
    assertTrue(bad.waitFor(30, TimeUnit.SECONDS));
    assertFalse(bad.exitValue() == 0);
    Files.writeString(file, text.substring(0, text.lastIndexOf("end ")));
    Process cut = start(onFile);
    assertFalse(new String(cut.getInputStream().readAllBytes(), StandardCharsets.UTF_8).isEmpty());
    assertTrue(cut.waitFor(30, TimeUnit.SECONDS));
    assertFalse(cut.exitValue() == 0);
  }

  private static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** Returns the program, or aborts the test where there is none. */
  private static String command(String program) {
    try {
      if (start(List.of(program, "--version")).waitFor() == 0) {
        return program;
      }
    } catch (IOException | InterruptedException _) {
      // Like one that fails.
    }
    abort(program + " is missing");
    return program;
  }

  /** Returns the only block of a language in docs/parity.md. */
  private static String quoted(String language) throws IOException {
    String page = Files.readString(Path.of("docs/parity.md"));
    String fence = "```" + language + "\n";
    int start = page.indexOf(fence) + fence.length();
    assertTrue(start > fence.length(), "docs/parity.md has no block of " + language);
    return page.substring(start, page.indexOf("```", start));
  }
}
