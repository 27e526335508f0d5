package io.github.jdropout.integration.dl4j;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Gradients against finite differences, with the masks held fixed.
 *
 * <p>The tolerances are those of Deeplearning4j's own gradient tests: a central difference in
 * double precision has about ten correct digits of the loss, five or more of its derivative.
 */
class Dl4jGradientTest {
  private static final double EPSILON = 1e-6;
  private static final double MAX_RELATIVE_ERROR = 1e-4;
  private static final double MIN_ABSOLUTE_ERROR = 1e-8;

  private static final JDropout DROPOUT = JDropout.dropping(0.4).withSeed(3);

  /** The checker insists on it. */
  @BeforeAll
  static void computeInDouble() {
    Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
  }

  @AfterAll
  static void computeInFloat() {
    Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
  }

  @Test
  void mlpWithADropoutLayer() {
    IDropout shared = DROPOUT.clone();
    DataSet data = Nets.data(5);
    check(
        Nets.settings()
            .updater(new NoOp())
            .list()
            .layer(Nets.dense(shared))
            .layer(new DropoutLayer(DROPOUT.clone()))
            .layer(Nets.dense(shared))
            .layer(Nets.output(DROPOUT.clone()))
            .build(),
        data.getFeatures(),
        data.getLabels());
  }

  @ParameterizedTest
  @EnumSource
  void convolution(CNN2DFormat format) {
    ConvolutionLayer.Builder convolution =
        new ConvolutionLayer.Builder(2, 2).nOut(3).dataFormat(format);
    check(
        Nets.settings()
            .updater(new NoOp())
            .list()
            .layer(convolution.dropOut(DROPOUT.clone()).build())
            .layer(convolution.dropOut(DROPOUT.clone()).build())
            .layer(
                new OutputLayer.Builder(LossFunction.MCXENT)
                    .activation(Activation.SOFTMAX)
                    .nOut(Nets.CLASSES)
                    .dropOut(DROPOUT.clone())
                    .build())
            .setInputType(InputType.convolutional(5, 4, 2, format))
            .build(),
        format == CNN2DFormat.NCHW ? Nets.normal(3, 3, 2, 5, 4) : Nets.normal(3, 3, 5, 4, 2),
        Nets.data(3).getLabels());
  }

  @Test
  void recurrent() {
    check(
        Nets.settings()
            .updater(new NoOp())
            .list()
            .layer(new LSTM.Builder().nIn(3).nOut(4).dropOut(DROPOUT.clone()).build())
            .layer(new LSTM.Builder().nIn(4).nOut(4).dropOut(DROPOUT.clone()).build())
            .layer(
                new RnnOutputLayer.Builder(LossFunction.MSE)
                    .activation(Activation.IDENTITY)
                    .nIn(4)
                    .nOut(2)
                    .dropOut(DROPOUT.clone())
                    .build())
            .build(),
        Nets.normal(3, 3, 3, 4),
        Nets.normal(4, 3, 2, 4));
  }

  private static void check(MultiLayerConfiguration configuration, INDArray x, INDArray y) {
    MultiLayerNetwork network = Nets.network(configuration);
    try (MaskScope scope = MaskScope.open(0)) {
      assertTrue(
          GradientCheckUtil.checkGradients(
              new GradientCheckUtil.MLNConfig()
                  .net(network)
                  .input(x)
                  .labels(y)
                  .subset(true)
                  .maxPerParam(12)
                  .epsilon(EPSILON)
                  .maxRelError(MAX_RELATIVE_ERROR)
                  .minAbsoluteError(MIN_ABSOLUTE_ERROR)
                  .print(GradientCheckUtil.PrintMode.FAILURES_ONLY)
                  .exitOnFirstError(true)
                  .callEachIter(_ -> scope.rewind())));
    }
  }
}
