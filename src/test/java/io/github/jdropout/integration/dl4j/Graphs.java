package io.github.jdropout.integration.dl4j;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** A small graph whose two output layers run forward and backward one after the other. */
final class Graphs {
  private static final DataSet DATA = Nets.data(9);

  private Graphs() {}

  /** Takes the dropout of the hidden layer and of both output layers. */
  static ComputationGraph twoOutputs(IDropout hidden, IDropout first, IDropout second) {
    ComputationGraphConfiguration configuration =
        Nets.settings()
            .graphBuilder()
            .addInputs("in")
            .addLayer("hidden", Nets.dense(hidden), "in")
            .addLayer("first", Nets.output(first), "hidden")
            .addLayer("second", Nets.output(second), "hidden")
            .setOutputs("first", "second")
            .build();
    ComputationGraph graph = new ComputationGraph(configuration);
    graph.init();
    return graph;
  }

  static void fit(ComputationGraph graph, int iterations) {
    INDArray[] inputs = {DATA.getFeatures()};
    INDArray[] labels = {DATA.getLabels(), DATA.getLabels()};
    for (int i = 0; i < iterations; i++) {
      graph.fit(inputs, labels);
    }
  }
}
