package io.github.jdropout.cli.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PicturesTest {
  @TempDir private Path folder;

  /** How AWT fails on a machine without fonts: first an internal error, later a missing class. */
  @Test
  void withoutFontsThereIsAReasonAndNoFile() throws IOException {
    for (Error error :
        new Error[] {new InternalError("no fonts"), new NoClassDefFoundError("no fonts")}) {
      Path file = folder.resolve("curves.png");
      Optional<String> problem =
          Pictures.draw(
              () -> {
                throw error;
              },
              file);
      assertEquals(
          Optional.of("curves.png could not be drawn, are fonts installed? " + error), problem);
      assertFalse(Files.exists(file));
    }
  }
}
