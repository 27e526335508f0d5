package io.github.jdropout.cli.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LastWordsTest {
  private static String of(String text) {
    LastWords words = new LastWords();
    text.lines().forEach(words::add);
    return words.summary();
  }

  @Test
  void crashIsItsSignalAndFrame() {
    assertEquals(
        "SIGSEGV (0xb) at pc=0x00007f, pid=12, tid=13 in C  [libx.so+0x1] mask+0x5",
        of(
            """
            WARNING: Using incubator modules
            #
            # A fatal error has been detected by the Java Runtime Environment:
            #
            #  SIGSEGV (0xb) at pc=0x00007f, pid=12, tid=13
            #
            # Problematic frame:
            # C  [libx.so+0x1] mask+0x5
            #
            # If you would like to submit a bug report, please visit:
            """));
  }

  @Test
  void exceptionComesBeforeItsFrames() {
    assertEquals(
        "Exception in thread \"main\" java.lang.OutOfMemoryError: Java heap space",
        of(
            """
            note
            Exception in thread "main" java.lang.OutOfMemoryError: Java heap space
            \tat a.B.c(B.java:1)
            """));
  }

  @Test
  void otherwiseTheLastLineCounts() {
    assertEquals("two", of("one\n two \n\n"));
    assertEquals("", of(""));
  }

  @Test
  void onlyTheLastLinesAreKept() {
    LastWords words = new LastWords();
    words.add("Exception in thread \"early\" X");
    Stream.generate(() -> "chatter").limit(1000).forEach(words::add);
    assertEquals("chatter", words.summary());
  }
}
