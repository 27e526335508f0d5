package io.github.jdropout.integration.dl4j;

import static io.github.jdropout.integration.dl4j.Nets.assertDiffer;
import static io.github.jdropout.integration.dl4j.Nets.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * What Deeplearning4j 1.0.0-M2.1 does wrong and what cannot be recognised, as the documentation
 * lists it. A failure here after an update of Deeplearning4j means that the list has changed.
 */
class Dl4jFaultsTest {
  private static final JDropout DROPOUT = JDropout.dropping(0.5).withSeed(3);
  private static final int BATCH = 3;

  @Test
  void subsamplingNeverCallsDropout() {
    RecordingDropout dropout = new RecordingDropout(DROPOUT);
    fitImages(new SubsamplingLayer.Builder().kernelSize(2, 2).dropOut(dropout).build());
    assertEquals(List.of(), dropout.calls());
  }

  @Test
  void deconvolutionNeverCallsBackward() {
    RecordingDropout dropout = new RecordingDropout(DROPOUT);
    fitImages(new Deconvolution2D.Builder(2, 2).nOut(2).dropOut(dropout).build());
    assertEquals(1, dropout.calls(true).size());
    assertEquals(0, dropout.calls(false).size());
  }

  /** The same network as the two above, whose layer in the middle has no fault. */
  @Test
  void convolutionCallsBoth() {
    RecordingDropout dropout = new RecordingDropout(DROPOUT);
    fitImages(new ConvolutionLayer.Builder(2, 2).nOut(2).dropOut(dropout).build());
    dropout.assertMirrored(1);
  }

  private static void fitImages(Layer middle) {
    MultiLayerNetwork network =
        Nets.network(
            Nets.settings()
                .list()
                .layer(new ConvolutionLayer.Builder(2, 2).nOut(2).build())
                .layer(middle)
                .layer(imageOutput())
                .setInputType(InputType.convolutional(5, 4, 2))
                .build());
    network.fit(Nets.normal(3, BATCH, 2, 5, 4), Nets.data(BATCH).getLabels());
  }

  private static OutputLayer imageOutput() {
    return new OutputLayer.Builder(LossFunction.MCXENT)
        .activation(Activation.SOFTMAX)
        .nOut(Nets.CLASSES)
        .build();
  }

  @Test
  void embeddingNeverCallsDropout() {
    RecordingDropout dropout = new RecordingDropout(DROPOUT);
    MultiLayerNetwork network =
        Nets.network(
            Nets.settings()
                .list()
                .layer(new EmbeddingLayer.Builder().nIn(5).nOut(Nets.SIZE).dropOut(dropout).build())
                .layer(Nets.output(null))
                .build());
    INDArray x = Nd4j.createFromArray(new double[][] {{0}, {1}, {4}});
    network.fit(x, Nets.data(BATCH).getLabels());
    network.output(x, true);
    assertEquals(List.of(), dropout.calls());
  }

  @Test
  void embeddingOfSequencesNeverCallsDropout() {
    RecordingDropout dropout = new RecordingDropout(DROPOUT);
    MultiLayerNetwork network =
        Nets.network(
            Nets.settings()
                .list()
                .layer(
                    new EmbeddingSequenceLayer.Builder()
                        .nIn(5)
                        .nOut(Nets.SIZE)
                        .dropOut(dropout)
                        .build())
                .layer(
                    new RnnOutputLayer.Builder(LossFunction.MSE)
                        .activation(Activation.IDENTITY)
                        .dataFormat(RNNFormat.NCW)
                        .nIn(Nets.SIZE)
                        .nOut(2)
                        .build())
                .build());
    INDArray x = Nd4j.createFromArray(new double[][] {{0, 1}, {2, 3}, {4, 0}});
    network.fit(x, Nets.normal(4, BATCH, 2, 2));
    network.output(x, true);
    assertEquals(List.of(), dropout.calls());
  }

  @Test
  void bfloat16NetworksAreRefused() {
    NeuralNetConfiguration.Builder settings = Nets.settings();
    Exception thrown =
        assertThrows(IllegalStateException.class, () -> settings.dataType(DataType.BFLOAT16));
    assertEquals(
        "Data type must be a floating point type: one of DOUBLE, FLOAT, or HALF."
            + " Got datatype: BFLOAT16",
        thrown.getMessage());
  }

  @Test
  void frozenDenseLayerDropsTheGradientOnly() {
    RecordingDropout dropout = new RecordingDropout(DROPOUT);
    MultiLayerNetwork dropping = frozen(dropout);
    MultiLayerNetwork plain = frozen(null);
    DataSet data = Nets.data(BATCH);
    assertSameBits(
        plain.output(data.getFeatures(), true), dropping.output(data.getFeatures(), true));
    assertEquals(List.of(), dropout.calls());
    dropping.fit(data);
    plain.fit(data);
    assertEquals(plain.score(), dropping.score());
    // The one forward call is made on the way back, after the loss.
    dropout.assertMirrored(1);
    assertDiffer(plain.getFlattenedGradients(), dropping.getFlattenedGradients());
  }

  private static MultiLayerNetwork frozen(RecordingDropout dropout) {
    return Nets.network(
        Nets.settings()
            .list()
            .layer(Nets.dense(null))
            .layer(new FrozenLayerWithBackprop(Nets.dense(dropout)))
            .layer(Nets.output(null))
            .build());
  }

  @Test
  void lastOfSeveralConsumersSpoilsTheGradientsOfTheOthers() {
    ComputationGraph faulty = twoConsumers(false);
    ComputationGraph cured = twoConsumers(true);
    cured.setParams(faulty.params());
    assertEquals(score(cured), score(faulty));
    INDArray curedGradient = gradient(cured);
    INDArray faultyGradient = gradient(faulty);
    assertTrue(isGradient(cured, curedGradient));
    assertFalse(isGradient(faulty, faultyGradient));
  }

  /** Two dense layers over one, of which only the last drops. */
  private static ComputationGraph twoConsumers(boolean isCured) {
    ComputationGraphConfiguration.GraphBuilder builder =
        Nets.settings()
            .graphBuilder()
            .addInputs("in")
            .addLayer("hidden", Nets.dense(null), "in")
            .addLayer("first", Nets.dense(null), "hidden");
    if (isCured) {
      builder.addVertex("copy", new ScaleVertex(1), "hidden");
    }
    ComputationGraph graph =
        new ComputationGraph(
            builder
                .addLayer("second", Nets.dense(DROPOUT.clone()), isCured ? "copy" : "hidden")
                .addVertex(
                    "sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "first", "second")
                .addLayer("out", Nets.output(null), "sum")
                .setOutputs("out")
                .build());
    graph.init();
    DataSet data = Nets.data(BATCH);
    graph.setInputs(data.getFeatures());
    graph.setLabels(data.getLabels());
    return graph;
  }

  private static INDArray gradient(ComputationGraph graph) {
    score(graph);
    return graph.getFlattenedGradients().dup();
  }

  private static double score(ComputationGraph graph) {
    try (MaskScope _ = MaskScope.open(0)) {
      graph.computeGradientAndScore();
    }
    return graph.score();
  }

  /**
   * Compares with central differences, which have about ten correct digits of the score at this
   * step.
   */
  private static boolean isGradient(ComputationGraph graph, INDArray gradient) {
    double epsilon = 1e-5;
    INDArray params = graph.params();
    for (int i = 0; i < params.length(); i++) {
      double value = params.getDouble(i);
      params.putScalar(i, value + epsilon);
      double above = score(graph);
      params.putScalar(i, value - epsilon);
      double below = score(graph);
      params.putScalar(i, value);
      // Deeplearning4j's gradients are sums over the batch, its score is the mean.
      double expected = (above - below) / (2 * epsilon) * BATCH;
      if (Math.abs(expected - gradient.getDouble(i)) > 1e-6) {
        return false;
      }
    }
    return true;
  }

  /** Three channels are recognised in images of four by four, four are not. */
  @ParameterizedTest
  @ValueSource(ints = {3, 4})
  void channelsLastIsNotRecognisedInACube(int channels) {
    ConvolutionLayer.Builder convolution =
        new ConvolutionLayer.Builder(2, 2).nOut(2).dataFormat(CNN2DFormat.NHWC);
    MultiLayerNetwork inLayer =
        channelsLast(channels, List.of(convolution.dropOut(DROPOUT.clone()).build()));
    MultiLayerNetwork before =
        channelsLast(
            channels,
            List.of(
                new DropoutLayer(DROPOUT.clone()),
                new ConvolutionLayer.Builder(2, 2).nOut(2).dataFormat(CNN2DFormat.NHWC).build()));
    before.setParams(inLayer.params());
    INDArray expected = inputGradient(before, channels);
    INDArray actual = inputGradient(inLayer, channels);
    assertEquals(before.score(), inLayer.score());
    assertSameBits(before.getFlattenedGradients(), inLayer.getFlattenedGradients());
    if (channels == 4) {
      assertDiffer(expected, actual);
    } else {
      assertSameBits(expected, actual);
    }
  }

  private static MultiLayerNetwork channelsLast(int channels, List<Layer> layers) {
    NeuralNetConfiguration.ListBuilder list = Nets.settings().list();
    layers.forEach(list::layer);
    return Nets.network(
        list.layer(imageOutput())
            .setInputType(InputType.convolutional(4, 4, channels, CNN2DFormat.NHWC))
            .build());
  }

  private static INDArray inputGradient(MultiLayerNetwork network, int channels) {
    INDArray x = Nets.normal(3, BATCH, 4, 4, channels);
    try (MaskScope _ = MaskScope.open(0)) {
      return network
          .calculateGradients(x, Nets.data(BATCH).getLabels(), null, null)
          .getSecond()
          .dup();
    }
  }
}
