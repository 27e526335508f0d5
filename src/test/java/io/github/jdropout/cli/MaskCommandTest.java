package io.github.jdropout.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jdropout.Dropout;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.PackedMask;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.rng.core.source32.Philox4x32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaskCommandTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "0.1, 42, 7, 0, 200",
    "0.5, -1, 0x8000000000000000, 3, 65",
    "0.3, 18446744073709551615, 0, 4294967291, 64",
    "0.9, 0xDEADBEEF, 12, 1099511627779, 7",
    "0.2, 1, 1, 9223372036854775807, 1"
  })
  void textIsTheMaskOfTheContract(double p, String seed, String stream, String first, int count) {
    CliRun run =
        CliRun.of(
            "mask",
            "--p=" + p,
            "--seed",
            seed,
            "--stream",
            stream,
            "--first",
            first,
            "--count=" + count);
    assertEquals(0, run.exitCode(), run.err());
    List<String> lines = run.out().lines().toList();
    assertEquals((count + 63) / 64, lines.size());
    assertTrue(lines.subList(0, lines.size() - 1).stream().allMatch(line -> line.length() == 64));
    assertEquals(
        contract(
            p,
            new Int64().convert(seed),
            new Int64().convert(stream),
            Long.parseLong(first),
            count),
        String.join("", lines));
  }

  /** The definition, one element at a time, with the Philox of another library. */
  private static String contract(double p, long seed, long stream, long first, int count) {
    int threshold = (int) Math.rint((1 - p) * 65536);
    StringBuilder digits = new StringBuilder();
    for (int i = 0; i < count; i++) {
      long element = first + i;
      int lanes = philoxWord(seed, stream, element >> 3, (int) (element & 7) >> 1);
      int lane = (lanes >>> (16 * (int) (element & 1))) & 0xFFFF;
      digits.append(lane < threshold ? '1' : '0');
    }
    return digits.toString();
  }

  private static int philoxWord(long seed, long stream, long quad, int index) {
    // That generator increments its 128-bit counter before the first quad.
    long low = quad - 1;
    long high = quad == 0 ? stream - 1 : stream;
    Philox4x32 philox =
        new Philox4x32(
            new int[] {
              (int) seed,
              (int) (seed >>> 32),
              (int) low,
              (int) (low >>> 32),
              (int) high,
              (int) (high >>> 32)
            });
    int word = philox.next();
    for (int i = 0; i < index; i++) {
      word = philox.next();
    }
    return word;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 63, 64, 65, 100_003, (1 << 22) + 13})
  void fileHasThePackedBitsOfTheLibrary(int count) throws IOException {
    Path out = folder.resolve("mask.bin");
    CliRun run = mask(count, "--first=5", "--out", out.toString());
    assertEquals(0, run.exitCode(), run.err());
    assertEquals("", run.out());
    assertArrayEquals(
        library(count).bytes().toArray(ValueLayout.JAVA_BYTE), Files.readAllBytes(out));
    assertOnly(out);
  }

  @Test
  void everyBackendWritesTheSame() throws IOException {
    for (String backend : List.of("scalar", "vector")) {
      assertEquals(mask(1000).out(), mask(1000, "--backend", backend).out());
    }
  }

  @Test
  void formatsAgree() throws IOException {
    int count = 1003;
    PackedMask expected = library(count);
    Path bytes = folder.resolve("mask.u8");
    Path npy = folder.resolve("mask.npy");
    assertEquals(0, mask(count, "--first=5", "--format=bytes", "--out=" + bytes).exitCode());
    assertEquals(0, mask(count, "--first=5", "--out=" + npy).exitCode());
    byte[] values = Files.readAllBytes(bytes);
    assertEquals(count, values.length);
    for (int i = 0; i < count; i++) {
      assertEquals(expected.isKept(i) ? 1 : 0, values[i], "element " + i);
    }
    byte[] array = Files.readAllBytes(npy);
    assertTrue(
        new String(array, 0, 128, ISO_8859_1)
            .startsWith(
                "\u0093NUMPY\1\0v\0{'descr': '|u1', 'fortran_order': False, 'shape': (1003,),"
                    + " }"),
        new String(array, 0, 128, ISO_8859_1));
    assertArrayEquals(values, Arrays.copyOfRange(array, 128, array.length));
    CliRun piped = mask(count, "--first=5", "--out=-", "--format=BYTES");
    assertArrayEquals(values, piped.bytes().toByteArray());
    assertEquals((count + 7) / 8, mask(count, "--out=-").bytes().size());
  }

  @Test
  void jsonSaysWhatWasComputed() throws IOException {
    Path out = folder.resolve("mask.bin");
    CliRun run =
        CliRun.of(
            "mask", "--p=0.1", "--seed=-1", "--first=3", "--count=9", "--json", "--out=" + out);
    assertEquals(0, run.exitCode(), run.err());
    JsonNode root = new ObjectMapper().readTree(run.out());
    assertEquals(0.1, root.get("p").doubleValue());
    assertEquals(1 - 58982 / 65536.0, root.get("effectiveP").doubleValue());
    assertEquals(65536.0 / 58982, root.get("scale").doubleValue());
    assertEquals("18446744073709551615", root.get("seed").textValue());
    assertEquals("0", root.get("stream").textValue());
    assertEquals(3, root.get("first").intValue());
    assertEquals(9, root.get("count").intValue());
    assertEquals(out.toString(), root.get("file").textValue());
    assertEquals(2, Files.size(out));
  }

  @Test
  void badInputIsRefusedBeforeAnythingIsWritten() throws IOException {
    MainTest.assertBadInput(
        "jdropout: --json needs --out FILE for the mask", "mask", "--p=0", "--count=1", "--json");
    Path out = folder.resolve("mask.npy");
    MainTest.assertBadInput(
        "jdropout: p must be in [0, 1] but is 1.5", "mask", "--p=1.5", "--count=1", "--out=" + out);
    MainTest.assertBadInput(
        "jdropout: p must be in [0, 1] but is NaN", "mask", "--p=NaN", "--count=1");
    MainTest.assertBadInput(
        "jdropout: count must be in [0, 2^63) but is -1", "mask", "--p=0", "--count=-1");
    MainTest.assertBadInput(
        "jdropout: first must be in [0, 2^63 - 2] but is 9223372036854775807",
        "mask",
        "--p=0",
        "--count=2",
        "--first=9223372036854775807",
        "--out=" + out);
    MainTest.assertBadInput(
        "jdropout: --format bits needs --out FILE", "mask", "--p=0", "--count=2", "--format=bits");
    MainTest.assertBadInput(
        "jdropout: a .npy file has --format bytes but --format is bits",
        "mask",
        "--p=0",
        "--count=2",
        "--format=bits",
        "--out=" + out);
    MainTest.assertBadInput(
        "jdropout: the output must be a file but " + folder + " is a folder",
        "mask",
        "--p=0",
        "--count=2",
        "--out=" + folder);
    assertFalse(Files.exists(out));
    assertOnly();
  }

  @Test
  void goldenFileTakesAWholeRangeOrNone() throws IOException {
    String golden = "--golden=" + folder.resolve("golden.txt");
    MainTest.assertBadInput(
        "jdropout: --golden of a range needs --p and --count", "mask", golden, "--p=0.1");
    MainTest.assertBadInput(
        "jdropout: --golden of a range needs --p and --count", "mask", golden, "--seed=1");
    MainTest.assertBadInput(
        "jdropout: count of a golden file's case must be in [1, 16777216] but is 0",
        "mask",
        golden,
        "--p=0.1",
        "--count=0");
    MainTest.assertBadInput(
        "jdropout: count of a golden file's case must be in [1, 16777216] but is 4294967297",
        "mask",
        golden,
        "--p=0.1",
        "--count=4294967297");
    MainTest.assertBadInput(
        "jdropout: --golden excludes --out and --format", "mask", golden, "--out=x");
    MainTest.assertBadInput(
        "jdropout: --golden excludes --backend: its answers are the reference's",
        "mask",
        golden,
        "--backend=scalar");
    MainTest.assertBadInput("jdropout: Missing required options: --count", "mask", "--p=0.1");
    assertOnly();
    assertEquals(0, CliRun.of("mask", golden).exitCode());
    assertOnly(folder.resolve("golden.txt"));
  }

  @Test
  void goldenFileReplacesTheOldOneWhenItIsComplete() throws IOException {
    Path golden = Files.writeString(folder.resolve("golden.txt"), "old");
    Path old = Files.createLink(folder.resolve("old.txt"), golden);
    assertEquals(0, CliRun.of("mask", "--golden=" + golden).exitCode());
    assertEquals("old", Files.readString(old));
    assertTrue(Files.readString(golden).startsWith("jdropout-golden 1"));
  }

  @Test
  void goldenFileIsDescribedAsJson() throws IOException {
    Path golden = folder.resolve("golden.txt");
    CliRun run = CliRun.of("mask", "--golden=" + golden, "--p=0.1", "--count=9", "--json");
    assertEquals(
        new ObjectMapper().createObjectNode().put("file", golden.toString()).put("cases", 1),
        new ObjectMapper().readTree(run.out()));
  }

  @Test
  void examplesCanBePasted() {
    List<String> lines = CliRun.of("mask", "--help").out().lines().toList();
    List<String> examples = lines.subList(lines.indexOf("Examples:") + 1, lines.size());
    assertTrue(examples.size() >= 6);
    examples.forEach(line -> assertTrue(line.startsWith("  jdropout mask "), line));
  }

  @Test
  void missingFolderIsAFailure() {
    Path out = folder.resolve("none/mask.bin");
    CliRun run = mask(8, "--out=" + out);
    assertEquals(Console.FAILURE, run.exitCode());
    assertEquals("jdropout: " + out.getParent() + ": no such file", run.err().strip());
  }

  @Test
  void symbolicLinkStaysOne() throws IOException {
    Path real = Files.write(folder.resolve("real.bin"), new byte[] {1, 2, 3});
    Path link = Files.createSymbolicLink(folder.resolve("link.bin"), real);
    assertEquals(0, mask(64, "--out=" + link).exitCode());
    assertTrue(Files.isSymbolicLink(link));
    assertEquals(8, Files.size(real));
  }

  private void assertOnly(Path... expected) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(expected), files.toList());
    }
  }

  private static CliRun mask(int count, String... more) {
    Stream<String> fixed =
        Stream.of("mask", "--p=0.1", "--seed=42", "--stream=7", "--count=" + count);
    return CliRun.of(Stream.concat(fixed, Stream.of(more)).toArray(String[]::new));
  }

  private static PackedMask library(int count) {
    PackedMask mask = PackedMask.allocate(count);
    Dropout.of(0.1).mask(mask, new MaskKey(42, 7), 5);
    return mask;
  }
}
