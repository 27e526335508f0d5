package io.github.jdropout.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jdropout.Dropout;
import io.github.jdropout.spec.DropoutSpec;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import io.github.jdropout.spec.Scaling;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApplyCommandTest {
  @TempDir private Path folder;

  /** A file written by hand from the format's specification. */
  private static byte[] npy(int version, String dictionary, byte[] data) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes("\u0093NUMPY".getBytes(ISO_8859_1));
    file.write(version);
    file.write(0);
    int lengthBytes = version == 1 ? 2 : 4;
    int unpadded = 8 + lengthBytes + dictionary.length() + 1;
    int padding = (64 - unpadded % 64) % 64;
    int length = dictionary.length() + padding + 1;
    for (int i = 0; i < lengthBytes; i++) {
      file.write(length >>> (8 * i));
    }
    file.writeBytes((dictionary + " ".repeat(padding) + "\n").getBytes(ISO_8859_1));
    file.writeBytes(data);
    return file.toByteArray();
  }

  private static String dictionary(String descr, String order, String shape) {
    return "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }".formatted(descr, order, shape);
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("in.npy"), bytes);
  }

  private CliRun apply(String... more) {
    Stream<String> fixed =
        Stream.of(
            "apply",
            folder.resolve("in.npy").toString(),
            folder.resolve("out.npy").toString(),
            "--seed=42",
            "--stream=7");
    Stream<String> p =
        Stream.of(more).anyMatch(arg -> arg.startsWith("--p="))
            ? Stream.of()
            : Stream.of("--p=0.3");
    return CliRun.of(
        Stream.of(fixed, p, Stream.of(more)).flatMap(part -> part).toArray(String[]::new));
  }

  private byte[] result() throws IOException {
    return Files.readAllBytes(folder.resolve("out.npy"));
  }

  private static byte[] library(ElementType type, byte[] data, Scaling scaling, long first) {
    byte[] result = data.clone();
    Elements elements = Elements.of(type, MemorySegment.ofArray(result));
    Dropout.of(new DropoutSpec(0.3, scaling))
        .forward(elements, elements, new MaskKey(42, 7), first);
    return result;
  }

  private static byte[] random(int length) {
    byte[] data = new byte[length];
    new Random(1).nextBytes(data);
    return data;
  }

  @Test
  void jsonSaysWhatWasComputed() throws IOException {
    file(npy(1, dictionary("<f4", "False", "(2, 3)"), random(24)));
    CliRun run = apply("--json", "--first=5");
    assertEquals(0, run.exitCode(), run.err());
    JsonNode root = new ObjectMapper().readTree(run.out());
    assertEquals(0.3, root.get("p").doubleValue());
    assertEquals("42", root.get("seed").textValue());
    assertEquals(5, root.get("first").intValue());
    assertEquals(6, root.get("count").intValue());
    assertEquals(folder.resolve("out.npy").toString(), root.get("file").textValue());
  }

  @ParameterizedTest
  @CsvSource({
    "F32, <f4, INVERTED, 0",
    "F32, <f4, CLASSICAL, 3",
    "F64, <f8, INVERTED, 4294967295",
    "F64, <f8, CLASSICAL, 0",
    "F16, <f2, INVERTED, 1",
    "F16, <f2, CLASSICAL, 0",
    "BF16, <u2, INVERTED, 0",
    "BF16, <u2, CLASSICAL, 9"
  })
  void theSameBitsAsTheLibrary(ElementType type, String descr, Scaling scaling, long first)
      throws IOException {
    byte[] data = random(13 * 17 * type.bytes());
    String dictionary = dictionary(descr, "False", "(13, 17)");
    file(npy(1, dictionary, data));
    CliRun run =
        apply(
            "--first=" + first,
            "--scaling=" + scaling,
            type == ElementType.BF16 ? "--bf16" : "--backend=scalar");
    assertEquals(0, run.exitCode(), run.err());
    assertEquals("", run.out() + run.err());
    assertArrayEquals(npy(1, dictionary, library(type, data, scaling, first)), result());
    assertEquals(2, folder.toFile().list().length);
  }

  @Test
  void severalChunksAreOneMask() throws IOException {
    byte[] data = random((1 << 26) + 4 * 12_345);
    int count = data.length / 4;
    file(npy(1, dictionary("<f4", "False", "(%d,)".formatted(count)), data));
    assertEquals(0, apply().exitCode());
    byte[] result = result();
    assertArrayEquals(
        library(ElementType.F32, data, Scaling.INVERTED, 0),
        Arrays.copyOfRange(result, result.length - data.length, result.length));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void allVersionsAreRead(int version) throws IOException {
    byte[] data = random(24);
    file(npy(version, dictionary("<f4", "False", "(2, 3)"), data));
    assertEquals(0, apply().exitCode());
    assertArrayEquals(
        npy(
            1,
            dictionary("<f4", "False", "(2, 3)"),
            library(ElementType.F32, data, Scaling.INVERTED, 0)),
        result());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': ()} | 1",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (0,)} | 0",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 0, 9999999999)} | 0",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (5,), } | 5",
        "{\"shape\":(2L,3L),\"descr\":\"<f4\",\"fortran_order\":False} | 6",
        "{'shape': (1, 1, 2, 1, 2), 'fortran_order': False, 'descr': '<f4'} | 4"
      })
  void shapesAndSpellings(String dictionary, int count) throws IOException {
    byte[] data = random(4 * count);
    file(npy(1, dictionary, data));
    CliRun run = apply();
    assertEquals(0, run.exitCode(), run.err());
    byte[] result = result();
    assertEquals(0, (result.length - data.length) % 64);
    assertArrayEquals(
        library(ElementType.F32, data, Scaling.INVERTED, 0),
        Arrays.copyOfRange(result, result.length - data.length, result.length));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        ">f4 | False | (2,) | must hold <f4, <f8 or <f2 (or <u2 with --bf16) but holds >f4",
        "<i4 | False | (2,) | must hold <f4, <f8 or <f2 (or <u2 with --bf16) but holds <i4",
        "<u2 | False | (4,) | must hold <f4, <f8 or <f2 (or <u2 with --bf16) but holds <u2",
        "<f4 | True | (2, 1) | must be in C order but is in Fortran order, shape (2, 1)",
        "<f4 | False | (3,) | is truncated: 8 bytes of data for 3 elements of 4 bytes, shape (3,)",
        "<f4 | False | (1,) | has bytes after its last element: 8 bytes of data for 1 elements",
        "<f8 | False | (0,) | has bytes after its last element: 8 bytes of data for 0 elements",
        "<f4 | False | (4294967296, 4294967296) | must have fewer than 2^63 elements but has shape",
        "<f4 | False | (-1,) | has a damaged header: it cannot be read at character",
        "<f4 | False | 3 | has a damaged header: ( should stand where 3 does",
        "<f4 | Maybe | (2,) | has a damaged header: fortran_order should be True or False",
        "<f4 | False | (2,), 'x': 1 | has a damaged header: the key x is unknown",
        "<f4 | False | (2,)} {} | has a damaged header: something follows it",
        "f4', 'descr': [('a', '<f4')], 'descr': ' | False | (2,) | has a damaged header: a string"
      })
  void otherArraysAreRefused(String descr, String order, String shape, String message)
      throws IOException {
    Path in = file(npy(1, dictionary(descr, order, shape), new byte[8]));
    assertRefused(in + " " + message);
  }

  @Test
  void bf16NeedsUint16() throws IOException {
    Path in = file(npy(1, dictionary("<f4", "False", "(2,)"), new byte[8]));
    assertRefused(in + " must hold <u2 with --bf16 but holds <f4", "--bf16");
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    byte[] good = npy(1, dictionary("<f4", "False", "(2,)"), new byte[8]);
    Path in = file(new byte[0]);
    assertRefused(in + " is not a .npy file");
    file(new byte[100]);
    assertRefused(in + " is not a .npy file");
    file(Arrays.copyOf(good, 30));
    assertRefused(in + " is truncated: the header should have 128 bytes but the file has 30");
    good[6] = 4;
    file(good);
    assertRefused(in + " must have .npy version 1.0, 2.0 or 3.0 but has 4.0");
    byte[] huge = npy(2, dictionary("<f4", "False", "(2,)"), new byte[8]);
    huge[11] = 127;
    file(huge);
    assertRefused(in + " must have a header of at most 1048576 bytes");
    file(npy(1, "{'descr': '<f4', 'shape': (2,)}", new byte[8]));
    assertRefused(in + " has a damaged header: descr, fortran_order or shape is missing");
  }

  private void assertRefused(String message, String... more) throws IOException {
    CliRun run = apply(more);
    assertTrue(run.err().startsWith("jdropout: " + message), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertEquals(Console.BAD_INPUT, run.exitCode());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(folder.resolve("in.npy")), files.toList());
    }
  }

  @Test
  void rangeAndProbabilityAreCheckedFirst() throws IOException {
    file(npy(1, dictionary("<f4", "False", "(2,)"), new byte[8]));
    assertRefused("first must be in [0, 2^63 - 2] but is -1", "--first=-1");
    assertRefused("p must be in [0, 1] but is -0.5", "--p=-0.5");
  }

  @Test
  void inputIsNeverOverwritten() throws IOException {
    byte[] good = npy(1, dictionary("<f4", "False", "(2,)"), random(8));
    Path in = file(good);
    Path link = Files.createLink(folder.resolve("out.npy"), in);
    CliRun run = apply();
    assertEquals(Console.BAD_INPUT, run.exitCode());
    assertTrue(
        run.err().startsWith("jdropout: OUT.npy must be another file than IN.npy but is " + link),
        run.err());
    assertArrayEquals(good, Files.readAllBytes(in));
  }

  @Test
  void failureLeavesTheOldOutput() throws IOException {
    Path out = Files.writeString(folder.resolve("out.npy"), "old");
    CliRun run = apply();
    assertEquals(Console.FAILURE, run.exitCode());
    assertEquals("jdropout: " + folder.resolve("in.npy") + ": no such file", run.err().strip());
    assertEquals("old", Files.readString(out));
    assertFalse(Files.exists(folder.resolve("in.npy")));
  }

  @Test
  void headerTooLongForVersionOneIsVersionTwo() {
    List<Long> shape = Collections.nCopies(30_000, 1L);
    byte[] header = NpyHeader.of("<f4", shape).toBytes();
    assertEquals(2, header[6]);
    assertEquals(0, header.length % 64);
    assertEquals(header.length, NpyHeader.bytes(header));
    assertEquals(shape, NpyHeader.parse(header).shape());
  }
}
