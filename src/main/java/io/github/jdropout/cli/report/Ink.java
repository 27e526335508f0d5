package io.github.jdropout.cli.report;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Colours by their use, for paper and for a dark screen.
 *
 * <p>Charts are drawn in the light ones. On a page every one becomes the CSS variable of its name,
 * so that one drawing serves both themes; therefore no two light colours may be equal. The series
 * are told apart by colour-blind people, after Okabe and Ito.
 */
enum Ink {
  PAPER(0xFFFFFF, 0x15181C),
  PANEL(0xF5F6F8, 0x1D2126),
  LINE(0xD9DDE2, 0x363C44),
  TEXT(0x1C2126, 0xE8EAED),
  QUIET(0x59626C, 0xA3ACB6),
  LINK(0x0B5CAD, 0x7DB8F0),
  GOOD(0x1A7F4B, 0x4CC38A),
  GOOD_FILL(0xCDEBDA, 0x14462D),
  BAD(0xB3261E, 0xFF8A80),
  BAD_FILL(0xF9D3CF, 0x6B1A14),
  WARN(0x8A5A00, 0xF2BF5E),
  WARN_FILL(0xFDEFD0, 0x443208),
  SKIPPED_FILL(0xE6E8EB, 0x2E343B),
  BAR(0x6FAFE3, 0x2A6CA3),
  BAR_2(0xA9C4A0, 0x56744D),
  SERIES_1(0x0072B2, 0x4BA3DE),
  SERIES_2(0xD55E00, 0xF0883E),
  SERIES_3(0x009E73, 0x34C698),
  SERIES_4(0xB24F9B, 0xDE8CC8),
  SERIES_5(0x4F9FD6, 0x9AD0F5),
  SERIES_6(0x9A6A12, 0xD9AC52),
  SERIES_7(0x6B6F75, 0xA9AEB5),
  SERIES_8(0x4B3F9E, 0xB0A5F5);

  private final int light;
  private final int dark;

  Ink(int light, int dark) {
    this.light = light;
    this.dark = dark;
  }

  /** Returns red, green and blue on paper, as in {@code 0xRRGGBB}. */
  int light() {
    return light;
  }

  /** Returns the use of the variable in CSS. */
  String variable() {
    return "var(" + property() + ")";
  }

  /** Returns declarations of all variables. */
  static String declarations(boolean isDark) {
    return Arrays.stream(values())
        .map(ink ->
            String.format(Locale.ROOT, "%s:#%06x;", ink.property(), isDark ? ink.dark : ink.light))
        .collect(Collectors.joining("\n"));
  }

  private String property() {
    return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
