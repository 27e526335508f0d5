package io.github.jdropout.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the Python dictionary of a {@code .npy} header: descr, fortran_order and shape. */
final class NpyDictionary {
  private static final Pattern TOKEN =
      Pattern.compile("\\s*('[^'\\\\]*'|\"[^\"\\\\]*\"|\\w+|[{}()\\[\\]:,]|$)");

  private final String text;
  private final Matcher matcher;
  private String token;

  NpyDictionary(String text) {
    this.text = text.strip();
    this.matcher = TOKEN.matcher(this.text);
    advance();
  }

  /**
   * Reads the whole text.
   *
   * @param dataOffset passed on to the header
   * @throws IllegalArgumentException if a key is missing or unknown, or a value not of its kind
   */
  NpyHeader parse(long dataOffset) {
    String descr = null;
    Boolean isFortranOrder = null;
    List<Long> shape = null;
    take("{");
    while (!token.equals("}")) {
      String key = string();
      take(":");
      switch (key) {
        case "descr" -> descr = string();
        case "fortran_order" -> isFortranOrder = bool();
        case "shape" -> shape = sizes();
        default -> throw damaged("the key " + key + " is unknown");
      }
      takeCommaUnless("}");
    }
    take("}");
    if (!token.isEmpty()) {
      throw damaged("something follows it");
    }
    if (descr == null || isFortranOrder == null || shape == null) {
      throw damaged("descr, fortran_order or shape is missing");
    }
    return new NpyHeader(descr, isFortranOrder, shape, dataOffset);
  }

  private String string() {
    if (!token.startsWith("'") && !token.startsWith("\"")) {
      throw damaged(
          "a string should stand where " + token + " does (structured types are not read)");
    }
    String quoted = advance();
    return quoted.substring(1, quoted.length() - 1);
  }

  private boolean bool() {
    if (!token.equals("True") && !token.equals("False")) {
      throw damaged("fortran_order should be True or False but is " + token);
    }
    return advance().equals("True");
  }

  private List<Long> sizes() {
    List<Long> sizes = new ArrayList<>();
    take("(");
    while (!token.equals(")")) {
      if (!token.matches("[0-9]{1,18}L?")) { // Python 2 wrote an L.
        throw damaged("shape should hold sizes in [0, 10^18) but holds " + token);
      }
      sizes.add(Long.parseLong(advance().replace("L", "")));
      takeCommaUnless(")");
    }
    take(")");
    return List.copyOf(sizes);
  }

  private void takeCommaUnless(String end) {
    if (!token.equals(end)) {
      take(",");
    }
  }

  private void take(String expected) {
    if (!token.equals(expected)) {
      throw damaged(expected + " should stand where " + token + " does");
    }
    advance();
  }

  /** Moves to the next token; returns the one before. */
  private String advance() {
    String taken = token;
    int position = taken == null ? 0 : matcher.end();
    if (!matcher.region(position, text.length()).lookingAt()) {
      throw damaged("it cannot be read at character " + position);
    }
    token = matcher.group(1);
    return taken;
  }

  private IllegalArgumentException damaged(String why) {
    return new IllegalArgumentException("has a damaged header: " + why + ": " + text);
  }
}
