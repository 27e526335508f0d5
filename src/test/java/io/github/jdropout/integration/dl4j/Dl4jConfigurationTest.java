package io.github.jdropout.integration.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/** Settings: dropping against retaining, ranges, equality, JSON, copies, schedules. */
class Dl4jConfigurationTest {
  @ParameterizedTest
  @CsvSource({"0.9,0.1", "0.5,0.5", "0.7,0.3", "1,0", "0.2,0.8"})
  void retainingIsOneMinusDropping(double retaining, double dropping) {
    assertEquals(JDropout.dropping(dropping), JDropout.retaining(retaining));
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void retainingNinetyPercentKeepsMost(boolean byRetaining) {
    JDropout dropout = byRetaining ? JDropout.retaining(0.9) : JDropout.dropping(0.1);
    INDArray x = Nets.normal(1, 10_000);
    dropout.applyDropout(x, x, 0, 0, LayerWorkspaceMgr.noWorkspaces());
    // Ten standard deviations around 1000.
    assertEquals(1000, RecordingDropout.zeros(x).cardinality(), 300);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.5, Double.NaN, Double.POSITIVE_INFINITY})
  void droppingIsChecked(double p) {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> JDropout.dropping(p));
    assertEquals("p must be in [0, 1] but is " + p, thrown.getMessage());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, 1.5, Double.NaN})
  void retainingIsChecked(double retaining) {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> JDropout.retaining(retaining));
    assertEquals("retainProbability must be in (0, 1] but is " + retaining, thrown.getMessage());
  }

  @Test
  void otherArgumentsAreChecked() {
    JDropout dropout = JDropout.dropping(0.1);
    assertThrows(NullPointerException.class, () -> JDropout.dropping((ISchedule) null));
    assertThrows(IllegalArgumentException.class, () -> dropout.withBackend("abacus"));
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> dropout.withReplica(-1));
    assertEquals("replica must be at least 0 but is -1", thrown.getMessage());
    thrown = assertThrows(IllegalArgumentException.class, () -> MaskScope.open(-1));
    assertEquals("sample must be at least 0 but is -1", thrown.getMessage());
    MultiLayerConfiguration configuration = Nets.mlp(dropout, dropout, dropout);
    thrown =
        assertThrows(IllegalArgumentException.class, () -> Replicas.withReplica(configuration, -2));
    assertEquals("replica must be at least 0 but is -2", thrown.getMessage());
  }

  static Stream<JDropout> settings() {
    ISchedule schedule = new StepSchedule(ScheduleType.ITERATION, 0.5, 0.9, 10);
    return Stream.of(
        JDropout.dropping(0.1),
        JDropout.dropping(1),
        JDropout.dropping(0.1).withSeed(Long.MIN_VALUE + 1),
        JDropout.dropping(0.1).withReplica(3),
        JDropout.dropping(schedule).withSeed(9));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void configurationsGoThroughJson(JDropout dropout) {
    MultiLayerConfiguration configuration = Nets.mlp(dropout, null, dropout.clone());
    MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(configuration.toJson());
    assertEquals(configuration, read);
    assertEquals(dropout, read.getConf(0).getLayer().getIDropout());
    assertEquals(configuration, MultiLayerConfiguration.fromYaml(configuration.toYaml()));
  }

  @Test
  void graphConfigurationsGoThroughJson() {
    JDropout dropout = JDropout.dropping(0.3).withSeed(5);
    ComputationGraphConfiguration configuration =
        Nets.settings()
            .graphBuilder()
            .addInputs("in")
            .addLayer("drop", new DropoutLayer(dropout), "in")
            .addLayer("out", Nets.output(dropout), "drop")
            .setOutputs("out")
            .build();
    assertEquals(configuration, ComputationGraphConfiguration.fromJson(configuration.toJson()));
    String replica = Replicas.withReplica(configuration, 4).toJson();
    assertEquals(2, replica.split("\"replica\" : 4", -1).length - 1);
  }

  @Test
  void jsonHasSettingsAndNoState() {
    JDropout dropout = JDropout.retaining(0.9).withSeed(42);
    MultiLayerNetwork network = Nets.network(Nets.mlp(dropout, dropout, dropout));
    String before = network.getLayerWiseConfigurations().toJson();
    assertTrue(before.contains("\"p\" : 0.1"), before);
    assertTrue(before.contains("\"seed\" : 42"), before);
    assertFalse(before.contains("forwards") || before.contains("backend"), before);
    Nets.fit(network, Nets.data(4), 2);
    String after = network.getLayerWiseConfigurations().toJson();
    String counter = "\"iterationCount\" : \\d+";
    assertEquals(before.replaceAll(counter, ""), after.replaceAll(counter, ""));
  }

  @Test
  void jsonIsCheckedLikeArguments() {
    JDropout dropout = JDropout.dropping(0.25);
    String json = Nets.mlp(dropout, dropout, dropout).toJson();
    String bad = json.replace("\"p\" : 0.25", "\"p\" : 1.25");
    Exception thrown =
        assertThrows(RuntimeException.class, () -> MultiLayerConfiguration.fromJson(bad));
    assertTrue(messages(thrown).contains("p must be in [0, 1] but is 1.25"), messages(thrown));
    String none = json.replace("\"p\" : 0.25", "\"q\" : 0");
    thrown = assertThrows(RuntimeException.class, () -> MultiLayerConfiguration.fromJson(none));
    assertTrue(messages(thrown).contains("exactly one of p and schedule"), messages(thrown));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void copiesAreEqual(JDropout dropout) throws IOException, ClassNotFoundException {
    assertEquals(dropout, dropout.clone());
    assertEquals(dropout.hashCode(), dropout.clone().hashCode());
    JDropout read = throughJavaSerialization(dropout);
    assertEquals(dropout, read);
    INDArray x = Nets.normal(1, 20);
    INDArray y = read.applyDropout(x, x.dup(), 0, 0, LayerWorkspaceMgr.noWorkspaces());
    Nets.assertSameBits(y, read.backprop(x, x.dup(), 0, 0));
  }

  @Test
  void settingsTellInstancesApart() {
    JDropout dropout = JDropout.dropping(0.1);
    for (JDropout other :
        List.of(
            JDropout.dropping(0.2),
            dropout.withSeed(1),
            dropout.withReplica(1),
            JDropout.dropping(new StepSchedule(ScheduleType.EPOCH, 0.1, 1, 1)))) {
      assertNotEquals(dropout, other);
      assertNotEquals(dropout.toString(), other.toString());
    }
    assertEquals(dropout, dropout.withBackend("scalar"));
    assertEquals("JDropout[dropping=0.1, seed=0, replica=0]", dropout.toString());
  }

  @ParameterizedTest
  @CsvSource({"ITERATION,2,0", "EPOCH,0,2"})
  void scheduleIsTheProbabilityOfDropping(ScheduleType type, int iteration, int epoch) {
    JDropout dropout = JDropout.dropping(new MapSchedule(type, Map.of(0, 0.0, 2, 1.0)));
    LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
    INDArray x = Nets.normal(1, 20);
    Nets.assertSameBits(x, dropout.applyDropout(x, x.dup(), 0, 0, none));
    INDArray dropped = dropout.applyDropout(x, x.dup(), iteration, epoch, none);
    assertEquals(20, RecordingDropout.zeros(dropped).cardinality());
    // Backward has the p of its forward call, whatever it is told.
    assertEquals(20, RecordingDropout.zeros(dropout.backprop(x, x.dup(), 0, 0)).cardinality());
  }

  @Test
  void scheduleOutsideItsRangeIsRefused() {
    JDropout dropout =
        JDropout.dropping(new MapSchedule(ScheduleType.ITERATION, Map.of(0, 0.5, 7, 1.5)));
    INDArray x = Nets.normal(1, 4);
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> dropout.applyDropout(x, x, 7, 1, LayerWorkspaceMgr.noWorkspaces()));
    assertTrue(
        thrown
            .getMessage()
            .startsWith("p must be in [0, 1] but the schedule gives 1.5 at iteration 7, epoch 1"),
        thrown.getMessage());
  }

  private static JDropout throughJavaSerialization(JDropout dropout)
      throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(dropout);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (JDropout) in.readObject();
    }
  }

  private static String messages(Throwable thrown) {
    StringBuilder messages = new StringBuilder();
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      messages.append(cause.getMessage()).append('\n');
    }
    return messages.toString();
  }
}
