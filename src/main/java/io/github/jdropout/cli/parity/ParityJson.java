package io.github.jdropout.cli.parity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.github.jdropout.parity.ParityReport;
import java.util.Optional;

/** Reports, jobs and events as JSON; an empty {@link Optional} is null. */
public final class ParityJson {
  private static final ObjectMapper MAPPER = new ObjectMapper().registerModule(new Jdk8Module());

  private ParityJson() {}

  /** Returns a report, indented. */
  public static String write(ParityReport report) {
    try {
      return MAPPER.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(report);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report must become JSON", e);
    }
  }

  /**
   * Reads a report.
   *
   * @throws JsonProcessingException if the text is none
   */
  public static ParityReport read(String text) throws JsonProcessingException {
    return MAPPER.readValue(text, ParityReport.class);
  }

  /** Returns a line without its end. */
  static String line(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(value.getClass() + " must become JSON", e);
    }
  }

  static <T> T parse(String line, Class<T> type) throws JsonProcessingException {
    return MAPPER.readValue(line, type);
  }
}
