package io.github.jdropout.integration.dl4j;

import static io.github.jdropout.integration.dl4j.Nets.assertDiffer;
import static io.github.jdropout.integration.dl4j.Nets.assertSameBits;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/** Training resumed from a saved model is uninterrupted training, bit for bit. */
class Dl4jResumeTest {
  private static final int BEFORE = 7;
  private static final int AFTER = 20;
  private static final DataSet DATA = Nets.data(9);

  @ParameterizedTest
  @EnumSource(names = {"ENABLED", "NONE"})
  void savedModel(WorkspaceMode mode) throws IOException {
    JDropout dropout = JDropout.dropping(0.4).withSeed(1);
    assertResumes(Nets.network(Nets.mlp(mode, dropout.clone(), dropout.clone(), dropout.clone())));
  }

  @Test
  void savedModelWhoseLayersShareAnInstance() throws IOException {
    JDropout shared = JDropout.dropping(0.4).withSeed(1);
    assertResumes(Nets.network(Nets.mlp(shared, shared, shared)));
  }

  @Test
  void savedModelWithASchedule() throws IOException {
    IDropout dropout = JDropout.dropping(new StepSchedule(ScheduleType.ITERATION, 0.6, 0.5, 5));
    assertResumes(Nets.network(Nets.mlp(dropout, dropout.clone(), null)));
  }

  @Test
  void samplingInOneOfThemChangesNothing() throws IOException {
    JDropout dropout = JDropout.dropping(0.4);
    MultiLayerNetwork network = Nets.network(Nets.mlp(dropout, dropout, dropout));
    ListDataSetIterator<DataSet> batches = new ListDataSetIterator<>(DATA.batchBy(3), 3);
    network.fit(batches);
    byte[] saved = save(network);
    network.output(DATA.getFeatures(), true);
    network.fit(batches);
    MultiLayerNetwork restored = restore(saved);
    restored.fit(batches);
    assertSameBits(network.params(), restored.params());
  }

  @Test
  void samplesOfTheRestoredModelAreThoseOfTheOriginal() throws IOException {
    JDropout dropout = JDropout.dropping(0.4);
    MultiLayerNetwork network = Nets.network(Nets.mlp(dropout, dropout, dropout));
    network.fit(new ListDataSetIterator<>(DATA.batchBy(3), 3));
    MultiLayerNetwork restored = restore(save(network));
    for (int sample = 0; sample < 3; sample++) {
      INDArray expected = network.output(DATA.getFeatures(), true);
      assertSameBits(expected, restored.output(DATA.getFeatures(), true));
    }
  }

  @Test
  void graph() throws IOException {
    JDropout dropout = JDropout.dropping(0.4);
    ComputationGraph graph = Graphs.twoOutputs(dropout, dropout.clone(), dropout.clone());
    Graphs.fit(graph, BEFORE);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ModelSerializer.writeModel(graph, bytes, true);
    ComputationGraph restored =
        ModelSerializer.restoreComputationGraph(
            new ByteArrayInputStream(bytes.toByteArray()), true);
    Graphs.fit(graph, AFTER);
    Graphs.fit(restored, AFTER);
    assertSameBits(graph.params(), restored.params());
  }

  @Test
  void truncatedBackpropagationThroughTime() throws IOException {
    JDropout dropout = JDropout.dropping(0.4);
    MultiLayerNetwork network =
        Nets.network(
            Nets.settings()
                .list()
                .layer(new LSTM.Builder().nIn(4).nOut(5).dropOut(dropout).build())
                .layer(
                    new RnnOutputLayer.Builder(LossFunction.MSE)
                        .activation(Activation.IDENTITY)
                        .nIn(5)
                        .nOut(2)
                        .dropOut(dropout)
                        .build())
                .backpropType(BackpropType.TruncatedBPTT)
                .tBPTTLength(3)
                .build());
    DataSet series = new DataSet(Nets.normal(3, 6, 4, 11), Nets.normal(4, 6, 2, 11));
    Nets.fit(network, series, BEFORE);
    MultiLayerNetwork restored = restore(save(network));
    Nets.fit(network, series, AFTER);
    Nets.fit(restored, series, AFTER);
    assertSameBits(network.params(), restored.params());
  }

  /** What the others prove would prove nothing if Deeplearning4j's own dropout passed as well. */
  @Test
  void dropoutOfDeeplearning4jDoesNotResume() throws IOException {
    IDropout dropout = new Dropout(0.6);
    MultiLayerNetwork network = Nets.network(Nets.mlp(dropout, dropout.clone(), dropout.clone()));
    Nets.fit(network, DATA, BEFORE);
    byte[] saved = save(network);
    Nets.fit(network, DATA, AFTER);
    MultiLayerNetwork restored = restore(saved);
    Nets.fit(restored, DATA, AFTER);
    assertDiffer(network.params(), restored.params());
  }

  private static void assertResumes(MultiLayerNetwork network) throws IOException {
    Nets.fit(network, DATA, BEFORE);
    byte[] saved = save(network);
    Nets.fit(network, DATA, AFTER);
    MultiLayerNetwork restored = restore(saved);
    Nets.fit(restored, DATA, AFTER);
    assertSameBits(network.params(), restored.params());
  }

  private static byte[] save(MultiLayerNetwork network) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ModelSerializer.writeModel(network, bytes, true);
    return bytes.toByteArray();
  }

  private static MultiLayerNetwork restore(byte[] saved) throws IOException {
    return ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(saved), true);
  }
}
