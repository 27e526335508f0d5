package io.github.jdropout.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jdropout.gemm.layers.Engine;
import io.github.jdropout.spec.Bytes;
import io.github.jdropout.spec.ElementType;
import io.github.jdropout.spec.Matrix;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The example of docs/layers.md is there as it is here, and an adapter learns by it on the CPU. */
class LoraFineTuningTest {
  @Test
  void pageShowsTheExample() throws IOException {
    Path file = Path.of("src/test/java/io/github/jdropout/examples/LoraFineTuning.java");
    String example = Files.readString(file);
    String body =
        example.substring(
            example.indexOf("  /** A matrix"), example.indexOf("\n  private LoraFineTuning()"));
    String page = Files.readString(Path.of("docs/layers.md"));
    assertTrue(page.contains("```java\n" + body.stripTrailing().stripIndent() + "\n```\n"));
  }

  @Test
  void adapterLearns() {
    try (Engine engine = Engine.host()) {
      new OnHost().teach(engine);
    }
  }

  private static final class OnHost extends LoraLesson {
    @Override
    Matrix matrix(float[] values, long rows, long columns) {
      MemorySegment copy = MemorySegment.ofArray(values.clone());
      return Matrix.of(ElementType.F32, copy, rows, columns);
    }

    @Override
    float[] values(Matrix matrix) {
      return ((Bytes.OfHost) matrix.bytes()).segment().toArray(ValueLayout.JAVA_FLOAT);
    }

    @Override
    Bytes bytes(long size) {
      return new Bytes.OfHost(MemorySegment.ofArray(new byte[(int) size]));
    }
  }
}
