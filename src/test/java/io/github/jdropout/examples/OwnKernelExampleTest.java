package io.github.jdropout.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.Dropout;
import io.github.jdropout.spec.Elements;
import io.github.jdropout.spec.MaskKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The example of docs/parity.md: it is there as it is here, and tells right from wrong. */
class OwnKernelExampleTest {
  @Test
  void pageShowsTheExampleThatIsRun() throws IOException {
    Path file = Path.of("src/test/java/io/github/jdropout/examples/OwnKernelExample.java");
    String example = Files.readString(file);
    String body =
        example.substring(
            example.indexOf("  static "), example.indexOf("\n  private OwnKernelExample()"));
    String page = Files.readString(Path.of("docs/parity.md"));
    assertTrue(page.contains("```java\n" + body.stripTrailing().stripIndent() + "\n```\n"));
  }

  private static float[] drop(long seed, long stream, long first, double p, float[] input) {
    float[] output = new float[input.length];
    Dropout.of(p)
        .forward(Elements.of(input), Elements.of(output), new MaskKey(seed, stream), first);
    return output;
  }

  @Test
  void whatIsRightHasNoFaults() {
    assertEquals(
        List.of(),
        OwnKernelExample.check(
            (seed, stream, first, count, p, input) -> drop(seed, stream, first, p, input)));
  }

  @Test
  void whatIsWrongHas() {
    List<String> faults =
        OwnKernelExample.check(
            (seed, stream, first, count, p, input) -> drop(seed, stream, first + 1, p, input));
    assertEquals(2, faults.size(), faults::toString);
    assertTrue(faults.getFirst().startsWith("forward: Mismatch[seed="), faults::toString);
    assertTrue(faults.getLast().startsWith("mask: Mismatch[seed="), faults::toString);
  }
}
