package io.github.jdropout.integration.dl4j;

import static io.github.jdropout.integration.dl4j.Nets.assertDiffer;
import static io.github.jdropout.integration.dl4j.Nets.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Which masks a network draws: never by accident the same, always reproducible. */
class Dl4jMasksTest {
  private static final DataSet DATA = Nets.data(10);

  private static RecordingDropout recording() {
    return new RecordingDropout(JDropout.dropping(0.5).withSeed(3));
  }

  @ParameterizedTest
  @EnumSource(names = {"ENABLED", "NONE"})
  void equalLayersDrawDifferentMasksInEveryStep(WorkspaceMode mode) {
    RecordingDropout dropout = recording();
    MultiLayerNetwork network =
        Nets.network(Nets.mlp(mode, dropout.clone(), dropout.clone(), dropout.clone()));
    Nets.fit(network, DATA, 5);
    List<BitSet> masks = dropout.forwardMasks();
    assertEquals(15, masks.size());
    assertEquals(15, new HashSet<>(masks).size());
  }

  @Test
  void backwardDropsWhatForwardDropped() {
    RecordingDropout dropout = recording();
    Nets.fit(Nets.network(Nets.mlp(dropout.clone(), dropout.clone(), dropout.clone())), DATA, 3);
    dropout.assertMirrored(9);
  }

  @Test
  void layersThatShareAnInstanceMatchTheirBackwardCalls() {
    RecordingDropout shared = recording();
    Nets.fit(Nets.network(Nets.mlp(shared, shared, shared)), DATA, 3);
    shared.assertMirrored(9);
    assertEquals(9, new HashSet<>(shared.forwardMasks()).size());
  }

  @Test
  void sharedInstanceAndCopiesDrawTheSameMasks() {
    RecordingDropout shared = recording();
    RecordingDropout copied = recording();
    Nets.fit(Nets.network(Nets.mlp(shared, shared, shared)), DATA, 3);
    Nets.fit(Nets.network(Nets.mlp(copied.clone(), copied.clone(), copied.clone())), DATA, 3);
    assertEquals(shared.forwardMasks(), copied.forwardMasks());
  }

  @Test
  void globalBuilderGivesEveryLayerAMaskOfItsOwn() {
    RecordingDropout dropout = recording();
    MultiLayerNetwork network =
        Nets.network(
            Nets.settings()
                .dropOut(dropout)
                .list()
                .layer(Nets.dense(null))
                .layer(Nets.dense(null))
                .layer(Nets.output(null))
                .build());
    Nets.fit(network, DATA, 2);
    assertEquals(6, new HashSet<>(dropout.forwardMasks()).size());
    dropout.assertMirrored(6);
  }

  @Test
  void sameProgramDrawsTheSameMasksTwiceInOneJvm() {
    RecordingDropout first = recording();
    RecordingDropout second = recording();
    MultiLayerNetwork one = Nets.network(Nets.mlp(first, first, first));
    MultiLayerNetwork two = Nets.network(Nets.mlp(second, second, second));
    Nets.fit(one, DATA, 1);
    Nets.fit(two, DATA, 1);
    assertEquals(first.forwardMasks(), second.forwardMasks());
    assertSameBits(one.params(), two.params());
  }

  @Test
  void networksTrainedInTurnsDoNotShiftEachOthersMasks() {
    RecordingDropout alone = recording();
    RecordingDropout inTurns = recording();
    Nets.fit(Nets.network(Nets.mlp(alone, alone, alone)), DATA, 4);
    MultiLayerNetwork network = Nets.network(Nets.mlp(inTurns, inTurns, inTurns));
    JDropout other = JDropout.dropping(0.5);
    MultiLayerNetwork otherNetwork = Nets.network(Nets.mlp(other, other, other));
    for (int i = 0; i < 4; i++) {
      network.fit(DATA);
      otherNetwork.fit(DATA);
    }
    assertEquals(alone.forwardMasks(), inTurns.forwardMasks());
  }

  @Test
  void monteCarloSamplesDiffer() {
    MultiLayerNetwork network = mlpOf(JDropout.dropping(0.5));
    INDArray x = DATA.getFeatures();
    HashSet<List<Long>> samples = new HashSet<>();
    for (int sample = 0; sample < 20; sample++) {
      samples.add(Nets.bits(network.output(x, true)));
    }
    assertEquals(20, samples.size());
    assertSameBits(network.output(x, false), network.output(x, false));
  }

  @Test
  void layersDifferWithinAMonteCarloSample() {
    RecordingDropout dropout = recording();
    MultiLayerNetwork network =
        Nets.network(Nets.mlp(dropout.clone(), dropout.clone(), dropout.clone()));
    network.output(DATA.getFeatures(), true);
    network.output(DATA.getFeatures(), true);
    assertEquals(6, new HashSet<>(dropout.forwardMasks()).size());
  }

  @ParameterizedTest
  @EnumSource(names = {"ENABLED", "NONE"})
  void samplingBetweenStepsLeavesTrainingAsItIs(WorkspaceMode mode) {
    JDropout dropout = JDropout.dropping(0.5);
    MultiLayerNetwork plain = Nets.network(Nets.mlp(mode, dropout, dropout, dropout));
    MultiLayerNetwork sampled = plain.clone();
    for (int step = 0; step < 5; step++) {
      sampled.output(DATA.getFeatures(), true);
      sampled.fit(DATA);
      plain.fit(DATA);
      sampled.output(DATA.getFeatures(), true);
    }
    assertSameBits(plain.params(), sampled.params());
  }

  @Test
  void scopeRepeatsASampleInAnyOrderAndNetwork() {
    MultiLayerNetwork network = mlpOf(JDropout.dropping(0.5));
    INDArray first = sample(network, 1);
    INDArray other = sample(network, 2);
    network.output(DATA.getFeatures(), true);
    assertDiffer(first, other);
    assertSameBits(first, sample(network, 1));
    assertSameBits(other, sample(network.clone(), 2));
  }

  @Test
  void scopeRewindsAndNests() {
    MultiLayerNetwork network = mlpOf(JDropout.dropping(0.5));
    INDArray x = DATA.getFeatures();
    try (MaskScope scope = MaskScope.open(1)) {
      INDArray first = network.output(x, true);
      assertDiffer(first, network.output(x, true));
      assertSameBits(sample(network, 2), sample(network, 2));
      scope.rewind();
      assertSameBits(first, network.output(x, true));
    }
    assertNull(MaskScope.current());
  }

  @Test
  void replicasDrawMasksOfTheirOwn() {
    JDropout dropout = JDropout.dropping(0.5).withSeed(3);
    MultiLayerNetwork network = mlpOf(dropout);
    MultiLayerNetwork copy = network.clone();
    MultiLayerNetwork replica =
        Nets.network(Replicas.withReplica(network.getLayerWiseConfigurations(), 1));
    replica.setParams(network.params());
    INDArray sample = sample(network, 0);
    assertSameBits(sample, sample(copy, 0));
    assertDiffer(sample, sample(replica, 0));
    BaseLayer layer = (BaseLayer) replica.getLayerWiseConfigurations().getConf(1).getLayer();
    assertEquals(dropout.withReplica(1), layer.getIDropout());
  }

  private static INDArray sample(MultiLayerNetwork network, int sample) {
    try (MaskScope _ = MaskScope.open(sample)) {
      return network.output(DATA.getFeatures(), true);
    }
  }

  private static MultiLayerNetwork mlpOf(IDropout dropout) {
    return Nets.network(Nets.mlp(dropout.clone(), dropout.clone(), dropout.clone()));
  }
}
