package io.github.jdropout.bench.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.jdropout.bench.result.BenchCase;
import io.github.jdropout.bench.result.BenchRun;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A run that was read from a result file.
 *
 * @param name of the file, for messages
 * @param run what it holds; each case is there once, and every time is positive
 */
public record StoredRun(String name, BenchRun run) {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  /**
   * Checks what the format's types do not.
   *
   * @throws IllegalArgumentException if two cases are the same, or a time is not positive
   */
  public StoredRun {
    Set<String> ids = new HashSet<>();
    for (BenchCase measured : run.cases()) {
      if (!ids.add(measured.id())) {
        throw new IllegalArgumentException(name + ": has the case " + measured.id() + " twice");
      }
      checkPositive(name, measured, measured.nanosPerCall());
      checkPositive(name, measured, measured.copyNanosPerCall());
    }
  }

  private static void checkPositive(String name, BenchCase measured, List<Double> samples) {
    for (Double nanos : samples) {
      if (nanos == null || !(nanos > 0) || nanos.isInfinite()) {
        throw new IllegalArgumentException(
            name + ": a time must be positive but " + measured.id() + " has " + nanos);
      }
    }
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if it is not a whole result file of this version's format
   */
  public static StoredRun read(Path file) throws IOException {
    JsonNode root = parse(file);
    JsonNode schema = root.path("schema");
    if (!schema.isTextual()) {
      throw new IllegalArgumentException(
          file + ": is not a result of jdropout bench: it has no schema");
    }
    if (!schema.textValue().equals(BenchRun.SCHEMA)) {
      throw new IllegalArgumentException(
          file + ": schema must be " + BenchRun.SCHEMA + " but is " + schema.textValue());
    }
    return of(file, root);
  }

  /** Returns whether a file claims to be a result file of this version's format. */
  static boolean claimsToBe(Path file) throws IOException {
    // Also one that ends too early is to be found, so this does not parse.
    String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    return bytes.contains('"' + BenchRun.SCHEMA + '"');
  }

  private static JsonNode parse(Path file) throws IOException {
    try {
      return JSON.readTree(Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + ": is not a result of jdropout bench: no text", e);
    } catch (JsonProcessingException e) {
      throw damaged(file, e);
    }
  }

  private static StoredRun of(Path file, JsonNode root) {
    BenchRun run;
    try {
      run = JSON.treeToValue(root, BenchRun.class);
    } catch (JsonProcessingException e) {
      throw damaged(file, e);
    }
    return new StoredRun(file.toString(), run);
  }

  private static IllegalArgumentException damaged(Path file, JsonProcessingException e) {
    // What follows is advice for those who call Jackson.
    String reason =
        e.getOriginalMessage()
            .replaceFirst("(;| \\(set) `?Deserialization.*", "")
            .replaceFirst(" \\(start marker at .*", "");
    return new IllegalArgumentException(file + ": is damaged: " + reason + at(e), e);
  }

  private static String at(JsonProcessingException e) {
    return e.getLocation() == null || e.getLocation().getLineNr() < 1
        ? ""
        : " (line " + e.getLocation().getLineNr() + ")";
  }
}
