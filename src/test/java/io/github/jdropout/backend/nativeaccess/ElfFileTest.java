package io.github.jdropout.backend.nativeaccess;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading a file that is cut short would end the JVM. */
class ElfFileTest {
  @TempDir private Path folder;

  private boolean isTruncated(byte[] content) throws Exception {
    return ElfFile.isTruncated(Files.write(folder.resolve("file"), content));
  }

  @Test
  void wholeFileIsToldFromAPart() throws Exception {
    Path library = Path.of(System.getProperty("java.home"), "lib", "libjava.so");
    assumeTrue(Files.exists(library), "this JDK has no " + library);
    byte[] all = Files.readAllBytes(library);
    assertFalse(isTruncated(all));
    for (int length : new int[] {4, 63, 64, 65, 500, all.length / 4, all.length / 2}) {
      assertTrue(isTruncated(Arrays.copyOf(all, length)), length + " of " + all.length);
    }
  }

  @Test
  void otherFilesAreLeftToTheSystem() throws Exception {
    assertFalse(isTruncated(new byte[0]));
    assertFalse(isTruncated(new byte[] {0x7F, 'E', 'L'}));
    String text = "not a library, but longer than the header of one is in any case";
    assertFalse(isTruncated(text.getBytes(StandardCharsets.US_ASCII)));
  }
}
