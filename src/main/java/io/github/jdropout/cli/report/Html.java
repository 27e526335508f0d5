package io.github.jdropout.cli.report;

import com.samskivert.mustache.Escapers;
import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Fills the templates of pages. */
final class Html {
  private Html() {}

  /**
   * Returns the page.
   *
   * @param template the resource's name without its ending
   * @param view what the template names: components of records, in any depth
   */
  static String page(String template, Object view) {
    return Mustache.compiler()
        .withLoader(Html::resource)
        .emptyStringIsFalse(true)
        .compile(resource(template))
        .execute(view);
  }

  /** Returns the text so that it means itself between tags and in quotes. */
  static String escape(String text) {
    return Escapers.HTML.escape(text);
  }

  /** Returns JSON so that nothing in it ends or begins an element of a page. */
  static String embedded(String json) {
    // These stand in strings alone, where JSON allows an escape for any character.
    return json.replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }

  private static Reader resource(String name) {
    try (InputStream in = Html.class.getResourceAsStream(name + ".mustache")) {
      if (in == null) {
        throw new IllegalStateException("the template " + name + " is missing from the jar");
      }
      return new StringReader(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
