package io.github.jdropout.integration.dl4j;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Gives the replicas of a network masks of their own.
 *
 * <p>Whatever trains copies of a network in parallel copies its configuration, so that every
 * replica draws the same masks. Build replica r from {@code withReplica(configuration, r)} instead.
 */
public final class Replicas {
  private Replicas() {}

  /**
   * Returns a copy of a configuration in which every {@link JDropout}, also in wrapped layers, has
   * the given replica number.
   *
   * @param replica at least 0
   * @throws IllegalArgumentException if {@code replica} is negative
   */
  public static MultiLayerConfiguration withReplica(
      MultiLayerConfiguration configuration, int replica) {
    return MultiLayerConfiguration.fromJson(withReplica(configuration.toJson(), replica));
  }

  /** Returns a copy of a configuration, see {@link #withReplica(MultiLayerConfiguration, int)}. */
  public static ComputationGraphConfiguration withReplica(
      ComputationGraphConfiguration configuration, int replica) {
    return ComputationGraphConfiguration.fromJson(withReplica(configuration.toJson(), replica));
  }

  private static String withReplica(String json, int replica) {
    if (replica < 0) {
      throw new IllegalArgumentException("replica must be at least 0 but is " + replica);
    }
    ObjectMapper mapper = JsonMappers.getMapper();
    try {
      JsonNode root = mapper.readTree(json);
      for (JsonNode object : root.findParents("@class")) {
        if (object.get("@class").asText().equals(JDropout.class.getName())) {
          ((ObjectNode) object).put("replica", replica);
        }
      }
      return mapper.writeValueAsString(root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
