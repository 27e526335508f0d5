package io.github.jdropout.cli.train;

import org.nd4j.linalg.factory.Nd4j;

/** Deeplearning4j as a whole: is it there, and how many threads does it use. */
final class Dl4j {
  private Dl4j() {}

  /**
   * Checks that Deeplearning4j and its CPU backend are on the class path.
   *
   * @throws IllegalStateException if not
   */
  static void require() {
    for (String name :
        new String[] {
          "org.deeplearning4j.nn.multilayer.MultiLayerNetwork",
          "org.nd4j.linalg.cpu.nativecpu.CpuBackend"
        }) {
      try {
        Class.forName(name, false, Dl4j.class.getClassLoader());
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(
            "train needs Deeplearning4j (org.deeplearning4j:deeplearning4j-nn and"
                + " org.nd4j:nd4j-native) on the class path; missing: "
                + name,
            e);
      }
    }
  }

  /**
   * Makes every operation use one thread, the caller's.
   *
   * <p>Sums then have one order, so that a seed gives the same bits again. It is also faster: the
   * networks here are too small to share out, and threads that wait for each other spin.
   */
  static void useOneThreadPerOperation() {
    Nd4j.getEnvironment().setMaxThreads(1);
    Nd4j.getEnvironment().setMaxMasterThreads(1);
    Nd4j.factory().blas().setMaxThreads(1);
  }
}
