package io.github.jdropout.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ChunkProgressTest {
  private static String show(boolean isTerminal, long total, long chunk) {
    StringWriter text = new StringWriter();
    PrintWriter err = new PrintWriter(text);
    try (ChunkProgress progress = new ChunkProgress(err, isTerminal, "mask", total, chunk)) {
      progress.advance(chunk);
    }
    return text.toString();
  }

  @Test
  void chunksMoveABar() {
    String text = show(true, 1000, 250);
    assertTrue(text.startsWith("\rmask  25 % ━━━━━─"), text);
    assertTrue(text.contains("  of 1000 elements "), text);
    assertTrue(text.endsWith(" \r"), "the bar goes away");
  }

  @Test
  void nothingIsShownToNobodyOrOfOneChunk() {
    assertEquals("", show(false, 1000, 250));
    assertEquals("", show(true, 250, 250));
  }
}
