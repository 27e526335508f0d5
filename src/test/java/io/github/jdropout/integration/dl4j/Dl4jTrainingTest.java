package io.github.jdropout.integration.dl4j;

import static io.github.jdropout.integration.dl4j.Nets.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Real networks: they learn, and each gradient is dropped where its activation was. */
class Dl4jTrainingTest {
  private static final int STEPS = 3;

  private static RecordingDropout recording() {
    return new RecordingDropout(JDropout.dropping(0.4).withSeed(3));
  }

  @ParameterizedTest
  @EnumSource(names = {"ENABLED", "NONE"})
  void mlpLearns(WorkspaceMode mode) {
    JDropout dropout = JDropout.dropping(0.1);
    MultiLayerNetwork network =
        Nets.network(Nets.mlp(mode, dropout.clone(), dropout.clone(), null));
    DataSet data = Nets.data(30);
    double before = network.score(data);
    Nets.fit(network, data, 60);
    double after = network.score(data);
    assertTrue(after < 0.9 * before, before + " -> " + after);
  }

  @Test
  void dropoutLayerDropsActivations() {
    RecordingDropout dropout = recording();
    train(
        Nets.settings()
            .list()
            .layer(Nets.dense(null))
            .layer(new DropoutLayer(dropout))
            .layer(Nets.output(null)),
        Nets.data(6),
        dropout,
        1);
  }

  @ParameterizedTest
  @CsvSource({"DOUBLE,NCHW", "DOUBLE,NHWC", "FLOAT,NCHW", "FLOAT,NHWC"})
  void convolution(DataType type, CNN2DFormat format) {
    RecordingDropout dropout = recording();
    boolean channelsFirst = format == CNN2DFormat.NCHW;
    DataSet data =
        new DataSet(
            channelsFirst ? Nets.normal(3, 4, 2, 6, 5) : Nets.normal(3, 4, 6, 5, 2),
            Nets.data(4).getLabels());
    train(
        Nets.settings()
            .dataType(type)
            .list()
            .layer(convolution(format, null))
            .layer(convolution(format, dropout.clone()))
            .layer(
                new OutputLayer.Builder(LossFunction.MCXENT)
                    .activation(Activation.SOFTMAX)
                    .nOut(Nets.CLASSES)
                    .dropOut(dropout.clone())
                    .build())
            .setInputType(InputType.convolutional(6, 5, 2, format)),
        data,
        dropout,
        2);
    List<Long> forward = dropout.calls().get(0).shape();
    assertEquals(channelsFirst ? List.of(4L, 3L, 5L, 4L) : List.of(4L, 5L, 4L, 3L), forward);
  }

  private static ConvolutionLayer convolution(CNN2DFormat format, IDropout dropout) {
    return new ConvolutionLayer.Builder(2, 2).nOut(3).dataFormat(format).dropOut(dropout).build();
  }

  @ParameterizedTest
  @EnumSource
  void lstm(RNNFormat format) {
    RecordingDropout dropout = recording();
    train(
        Nets.settings()
            .list()
            .layer(new LSTM.Builder().nOut(5).dataFormat(format).build())
            .layer(new LSTM.Builder().nOut(5).dataFormat(format).dropOut(dropout.clone()).build())
            .layer(
                new SimpleRnn.Builder().nOut(5).dataFormat(format).dropOut(dropout.clone()).build())
            .layer(rnnOutput(format, dropout.clone()))
            .setInputType(InputType.recurrent(4, 7, format)),
        series(format),
        dropout,
        3);
  }

  @Test
  void bothDirectionsDrawMasksOfTheirOwn() {
    RecordingDropout dropout = recording();
    train(
        Nets.settings()
            .list()
            .layer(
                new Bidirectional(
                    Bidirectional.Mode.ADD,
                    new LSTM.Builder().nIn(4).nOut(5).dropOut(dropout).build()))
            .layer(rnnOutput(RNNFormat.NCW, null)),
        series(RNNFormat.NCW),
        dropout,
        2);
  }

  @Test
  void graphWithTwoOutputs() {
    RecordingDropout dropout = recording();
    ComputationGraph graph = Graphs.twoOutputs(dropout.clone(), dropout.clone(), dropout.clone());
    Graphs.fit(graph, STEPS);
    dropout.assertMirrored(STEPS * 3);
  }

  @Test
  void graphWithTwoOutputsThatShareAnInstance() {
    RecordingDropout shared = recording();
    Graphs.fit(Graphs.twoOutputs(shared, shared, shared), STEPS);
    shared.assertMirrored(STEPS * 3);
  }

  @Test
  void halfPrecision() {
    RecordingDropout dropout = recording();
    DataSet data = Nets.data(6);
    train(
        Nets.settings()
            .dataType(DataType.FLOAT16)
            .updater(new Sgd(0.01))
            .list()
            .layer(Nets.dense(dropout.clone()))
            .layer(Nets.output(dropout.clone())),
        new DataSet(
            data.getFeatures().castTo(DataType.FLOAT16), data.getLabels().castTo(DataType.FLOAT16)),
        dropout,
        2);
  }

  @Test
  void fineTuningInstallsAndKeepsDropout() {
    JDropout dropout = JDropout.dropping(0.2).withSeed(3);
    MultiLayerNetwork original = Nets.network(Nets.mlp(new IDropout[3]));
    FineTuneConfiguration fineTune =
        new FineTuneConfiguration.Builder().dropout(dropout).updater(new Sgd(0.1)).seed(7).build();
    DataSet data = Nets.data(8);
    MultiLayerNetwork[] tuned = new MultiLayerNetwork[2];
    for (int run = 0; run < 2; run++) {
      tuned[run] =
          new TransferLearning.Builder(original)
              .fineTuneConfiguration(fineTune)
              .setFeatureExtractor(0)
              .build();
      assertEquals(
          dropout, tuned[run].getLayerWiseConfigurations().getConf(1).getLayer().getIDropout());
      Nets.fit(tuned[run], data, 5);
    }
    assertSameBits(tuned[0].params(), tuned[1].params());
    assertSameBits(original.getLayer(0).params(), tuned[0].getLayer(0).params());
    Nets.assertDiffer(original.getLayer(1).params(), tuned[0].getLayer(1).params());
  }

  /** Deeplearning4j runs this layer forward without dropout and then asks for its gradient. */
  @Test
  void gradientPassesAFrozenConvolution() {
    RecordingDropout frozen = recording();
    MultiLayerNetwork network =
        Nets.network(
            Nets.settings()
                .list()
                .layer(convolution(CNN2DFormat.NCHW, null))
                .layer(new FrozenLayerWithBackprop(convolution(CNN2DFormat.NCHW, frozen)))
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nOut(Nets.CLASSES)
                        .build())
                .setInputType(InputType.convolutional(6, 5, 2))
                .build());
    Nets.fit(network, new DataSet(Nets.normal(3, 4, 2, 6, 5), Nets.data(4).getLabels()), STEPS);
    assertEquals(0, frozen.calls(true).size());
    assertEquals(STEPS, frozen.calls(false).size());
    frozen.calls(false).forEach(call -> assertTrue(call.dropped().isEmpty()));
  }

  private static RnnOutputLayer rnnOutput(RNNFormat format, IDropout dropout) {
    return new RnnOutputLayer.Builder(LossFunction.MSE)
        .activation(Activation.IDENTITY)
        .nIn(5)
        .nOut(2)
        .dataFormat(format)
        .dropOut(dropout)
        .build();
  }

  private static DataSet series(RNNFormat format) {
    return format == RNNFormat.NCW
        ? new DataSet(Nets.normal(3, 6, 4, 7), Nets.normal(4, 6, 2, 7))
        : new DataSet(Nets.normal(3, 6, 7, 4), Nets.normal(4, 6, 7, 2));
  }

  /** Trains with and without workspaces and checks the recorded masks of both. */
  private static void train(
      ListBuilder layers, DataSet data, RecordingDropout dropout, int places) {
    MultiLayerConfiguration configuration = layers.build();
    for (WorkspaceMode mode : List.of(WorkspaceMode.NONE, WorkspaceMode.ENABLED)) {
      dropout.calls().clear();
      MultiLayerConfiguration copy = configuration.clone();
      copy.setTrainingWorkspaceMode(mode);
      copy.setInferenceWorkspaceMode(mode);
      MultiLayerNetwork network = Nets.network(copy);
      Nets.fit(network, data, STEPS);
      assertTrue(Double.isFinite(network.score()));
      dropout.assertMirrored(STEPS * places);
    }
  }
}
