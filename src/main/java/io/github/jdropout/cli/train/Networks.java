package io.github.jdropout.cli.train;

import io.github.jdropout.integration.dl4j.JDropout;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** Builds the networks: dense layers of rectified linear units, then softmax. */
final class Networks {
  /** High: the network without dropout soon fits its few digits too well. */
  private static final double LEARNING_RATE = 1e-2;

  /** The last step's learning rate, as part of the first step's. */
  private static final double LAST_PART = 0.02;

  private Networks() {}

  /** Returns a new network; its weights depend on the seed and the layer sizes alone. */
  static MultiLayerNetwork create(TrainingPlan plan, Variant variant, long seed) {
    // The rate falls, so that the last epoch is not one of many that jump about. Not PolySchedule:
    // in 1.0.0-M2.1 it rises, 1 + i / n where 1 - i / n is meant.
    double decay = Math.pow(LAST_PART, 1.0 / plan.steps());
    Adam adam = new Adam(new ExponentialSchedule(ScheduleType.ITERATION, LEARNING_RATE, decay));
    NeuralNetConfiguration.ListBuilder layers =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .updater(adam)
            .weightInit(WeightInit.RELU)
            .activation(Activation.RELU)
            .list();
    int inputs = Digits.PIXELS;
    int site = 0;
    for (int units : plan.hidden()) {
      layers.layer(
          new DenseLayer.Builder()
              .nIn(inputs)
              .nOut(units)
              .dropOut(dropout(plan, variant, seed, site++))
              .build());
      inputs = units;
    }
    layers.layer(
        new OutputLayer.Builder(LossFunction.MCXENT)
            .nIn(inputs)
            .nOut(Digits.CLASSES)
            .activation(Activation.SOFTMAX)
            .dropOut(dropout(plan, variant, seed, site))
            .build());
    MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
    network.init();
    // DL4J's own dropout draws from this thread's generator.
    Nd4j.getRandom().setSeed(seed);
    return network;
  }

  /**
   * Returns the dropout at the input of layer {@code site}; pixels are dropped a third as often.
   */
  private static IDropout dropout(TrainingPlan plan, Variant variant, long seed, int site) {
    double p = site == 0 ? plan.p() / 3 : plan.p();
    return switch (variant) {
      case NONE -> null;
      case DL4J -> new Dropout(1 - p); // DL4J's argument is the probability of retaining.
      case JDROPOUT -> JDropout.dropping(p).withSeed(seed);
    };
  }
}
