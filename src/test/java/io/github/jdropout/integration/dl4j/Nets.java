package io.github.jdropout.integration.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Small networks and data, the same in every run. */
final class Nets {
  static final int SIZE = 12;
  static final int CLASSES = 3;

  static {
    // On a busy machine, threads that wait for each other take ten times as long for arrays so
    // small; one thread also fixes the order of every sum.
    Nd4j.factory().blas().setMaxThreads(1);
    Nd4j.getEnvironment().setMaxThreads(1);
    Nd4j.getEnvironment().setMaxMasterThreads(1);
  }

  private Nets() {}

  /** Common settings: seeded, smooth, in double precision unless changed. */
  static NeuralNetConfiguration.Builder settings() {
    return new NeuralNetConfiguration.Builder()
        .seed(7)
        .dataType(DataType.DOUBLE)
        .updater(new Adam(0.01))
        .activation(Activation.TANH);
  }

  static DenseLayer dense(IDropout dropout) {
    return new DenseLayer.Builder().nIn(SIZE).nOut(SIZE).dropOut(dropout).build();
  }

  static OutputLayer output(IDropout dropout) {
    return new OutputLayer.Builder(LossFunction.MCXENT)
        .activation(Activation.SOFTMAX)
        .nIn(SIZE)
        .nOut(CLASSES)
        .dropOut(dropout)
        .build();
  }

  /** Three equal places of dropout: two dense layers and the output layer. */
  static MultiLayerConfiguration mlp(WorkspaceMode mode, IDropout... dropouts) {
    return settings()
        .trainingWorkspaceMode(mode)
        .inferenceWorkspaceMode(mode)
        .list()
        .layer(dense(dropouts[0]))
        .layer(dense(dropouts[1]))
        .layer(output(dropouts[2]))
        .build();
  }

  static MultiLayerConfiguration mlp(IDropout... dropouts) {
    return mlp(WorkspaceMode.ENABLED, dropouts);
  }

  static MultiLayerNetwork network(MultiLayerConfiguration configuration) {
    MultiLayerNetwork network = new MultiLayerNetwork(configuration);
    network.init();
    return network;
  }

  static void fit(MultiLayerNetwork network, DataSet data, int iterations) {
    for (int i = 0; i < iterations; i++) {
      network.fit(data);
    }
  }

  static DataSet data(int batch) {
    INDArray labels = Nd4j.zeros(DataType.DOUBLE, batch, CLASSES);
    for (int row = 0; row < batch; row++) {
      labels.putScalar(row, row % CLASSES, 1);
    }
    return new DataSet(normal(1, batch, SIZE), labels);
  }

  /** Values without a zero, so that a zero after dropout was dropped. */
  static INDArray normal(long seed, long... shape) {
    Random random = new Random(seed);
    int length = 1;
    for (long size : shape) {
      length *= (int) size;
    }
    double[] values = random.doubles(length, 0.5, 1.5).toArray();
    for (int i = 0; i < length; i += 2) {
      values[i] = -values[i];
    }
    return Nd4j.createFromArray(values).reshape('c', shape);
  }

  /** The values in logical order, as bits; {@code INDArray.equals} has a tolerance. */
  static List<Long> bits(INDArray array) {
    return Arrays.stream(array.dup('c').data().asDouble())
        .mapToObj(Double::doubleToRawLongBits)
        .toList();
  }

  static void assertSameBits(INDArray expected, INDArray actual) {
    assertEquals(bits(expected), bits(actual));
  }

  static void assertDiffer(INDArray first, INDArray second) {
    assertNotEquals(bits(first), bits(second));
  }
}
